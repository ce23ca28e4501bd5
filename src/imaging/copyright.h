// Metadata that says whose a picture is, and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// A TIFF structure (CIPA DC-008 §4.5) with the tag Copyright alone, in UTF-8 as it came: the
// standard wants ASCII, cameras and programs write and read UTF-8. Empty for an empty text.
std::string copyright_exif(std::string_view text);

// The same as XMP (ISO 16684-1), dc:rights. Empty for an empty text.
std::string copyright_xmp(std::string_view text);

}  // namespace tintype

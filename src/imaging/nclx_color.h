// The colours of AVIF and HEIC files that have no ICC profile but name them by numbers.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// The ICC profile that stands for a file's `colr` box of type `nclx` (ISO/IEC 14496-12 §12.1.5, its
// numbers in ITU-T H.273): Display P3, as phones and browsers write it. Empty without such a box,
// and for all other colours, which are taken for sRGB. The box is looked for by its bytes, in the
// beginning of the file, where the properties of pictures are.
std::string nclx_profile(std::string_view file);

}  // namespace tintype

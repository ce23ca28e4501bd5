// EXIF (CIPA DC-008), read for the few fields that Tintype keeps. The bytes are hostile until
// proven otherwise: every offset is checked, no directory has more than 512 entries, no offset is
// followed twice, so the work is bounded whatever they say.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "imaging/camera_facts.h"

namespace tintype {

struct ExifFacts {
  std::uint8_t orientation = 1;  // 1-8
  CameraFacts camera;
  std::optional<Location> location;
};

// Accepts a TIFF structure, with or without the `Exif\0\0` before it. What cannot be read is absent
// from the result; there are no errors, because a picture with broken EXIF is still a picture.
ExifFacts parse_exif(std::string_view bytes);

}  // namespace tintype

// The name of an ICC profile, as people know it: `sRGB`, `Display P3`, `Adobe RGB (1998)`, ...
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// The text of the profile's description tag (ICC.1:2022 §9.2.41, or the older textDescriptionType),
// valid UTF-8 of at most 128 bytes; every variant of sRGB is called `sRGB`. Empty when there is
// none or it cannot be read. No part of the profile is believed.
std::string icc_profile_name(std::string_view profile);

}  // namespace tintype

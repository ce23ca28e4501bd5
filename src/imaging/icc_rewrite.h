// ICC profiles as they go out with renditions: what colours need, and nothing that tells of the
// device, its owner or its place.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// The profile with the tags that say what its numbers mean (ICC.1:2022 §8), cut to the bytes that
// these need; maker, model, date and all other tags are gone. Its description stays when it is one
// of a colour space that everybody knows, else it is a neutral one. Empty when the profile cannot
// be read or does not say what RGB numbers mean. No part of it is believed.
std::string colors_of_profile(std::string_view profile);

}  // namespace tintype

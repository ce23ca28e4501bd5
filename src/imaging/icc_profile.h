// What is to be known of an ICC profile without believing it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tintype {

// Profiles whose numbers mean what everybody takes them for.
enum class KnownProfile : std::uint8_t { none, srgb, display_p3 };

// By the description and the tone curve: one that is called sRGB and is not as bright as sRGB in
// the middle (a linear one, say) is `none`.
KnownProfile known_profile(std::string_view profile);

// The profile's name, as people know it. `sRGB` and `Display P3` for those of known_profile whose
// descriptions are variants of these; else the text of the description tag (ICC.1:2022 §9.2.41, or
// the older textDescriptionType), valid UTF-8 of at most 128 bytes. Empty when there is none or it
// cannot be read.
std::string icc_profile_name(std::string_view profile);

// The bytes of the tag of that name. Nothing where it is missing or lies outside of the profile; of
// more than 100 tags the rest is not looked at.
std::optional<std::string_view> icc_tag(std::string_view profile, std::string_view name);

}  // namespace tintype

// Linear light in 15 bits (kFullLight is white): what rows of pixels are in while they are resized.
//
// Averaging in the coded values of sRGB darkens fine detail; light adds up linearly. The curve here
// is a polynomial within 0.05 % of sRGB's (IEC 61966-2-1), which vector units compute faster than
// they look a table up; the way back is its exact inverse, so that an even area keeps its value.
// Pictures of other RGB profiles go the same way: their curves are close to sRGB's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tintype {

// The linear value of each 8-bit one.
const std::array<std::uint16_t, 256>& linear_table();

// Rows of 1 or 3 bands, `samples` of them.
void to_linear(const std::uint8_t* in, std::uint16_t* out, std::size_t samples);
void from_linear(const std::uint16_t* in, std::uint8_t* out, std::size_t samples);

// Rows of 4 bands with straight alpha; in linear light the colours are multiplied by it, so that
// the colour of a transparent pixel plays no part.
void to_linear_rgba(const std::uint8_t* in, std::uint16_t* out, std::size_t pixels);
void from_linear_rgba(const std::uint16_t* in, std::uint8_t* out, std::size_t pixels);

}  // namespace tintype

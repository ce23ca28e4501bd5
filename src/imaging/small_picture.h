// A small copy of a picture, from which the facts that describe its look are computed: ThumbHash,
// dominant colour and perceptual hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tintype {

// sRGB with straight (not premultiplied) alpha, four bytes a pixel, row by row from the top left;
// `rgba` holds width * height * 4 bytes, and neither side is 0.
struct SmallPicture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgba;
};

// The greatest side that ThumbHash allows; the other facts need no more either.
inline constexpr std::uint32_t kSmallPictureSide = 100;

}  // namespace tintype

// ThumbHash, a placeholder of at most 25 bytes for an image that is still loading, in the format of
// https://evanw.github.io/thumbhash.
//
// Colours become one luminance and two colour differences, each a grid of cosine waves:
//
//   24 bits  mean of L, P, Q (6 each), greatest L wave (5), has alpha (1)
//   16 bits  waves along the shorter side (3), greatest P and Q wave (6 each), is landscape (1)
//    8 bits  with alpha only: mean (4), greatest wave (4)
//   4 bits a wave: L, 3 to 7 along each side (5 with alpha), P and Q 3 x 3, alpha 5 x 5; of each
//   grid only the triangle of low frequencies, without the mean
//
// All numbers are little-endian, waves low nibble first.
#pragma once

#include <string>

#include "imaging/small_picture.h"

namespace tintype {

// The hash's raw bytes. Empty for a picture that is larger than kSmallPictureSide or malformed.
std::string thumb_hash(const SmallPicture& picture);

}  // namespace tintype

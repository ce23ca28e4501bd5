// A perceptual hash: 64 bits that stay nearly the same when a picture is compressed again, resized,
// made somewhat brighter or cropped by a little, and differ in about 32 bits between pictures that
// have nothing in common. Two hashes are compared by the number of bits that differ
// (domain/hash_distance.h).
//
//   luma      0.299 R + 0.587 G + 0.114 B of the sRGB values, over white
//   32 x 32   each cell the mean of the area it covers, whatever the picture's proportions
//   DCT-II    orthonormal; of its coefficients those with both frequencies from 0 to 7, in rows,
//             and in the place of the mean (0,0), which says nothing about shapes, the one with
//             eight half waves across and none down
//   zero      what is smaller than a quarter of a grey level, so that noise decides nothing
//   bits      1 where the coefficient is greater than the median of the 64; first coefficient first
//
// A picture with detail has about as many ones as zeros, never more. Pictures with next to none (a
// plain area, a smooth ramp) have few ones and are all alike.
#pragma once

#include <string>

#include "imaging/small_picture.h"

namespace tintype {

// 16 hex digits in lower case. Empty for a malformed picture.
std::string perceptual_hash(const SmallPicture& picture);

}  // namespace tintype

// The colour that a picture shows most of.
//
// Pixels are counted in 16 x 16 x 16 boxes of red, green and blue; a group is a box with the 26
// around it, so that a colour on the edge of a box is not split. A pixel counts by its alpha, and
// up to half as much again the more its strongest channel exceeds its weakest: of a small vivid
// area and an equal grey one, the vivid one is what people name. The colour is that of the group
// that counts most (of equals the darkest), as the mean of its pixels. Integers only: the same
// picture gives the same colour everywhere.
#pragma once

#include <string>

#include "imaging/small_picture.h"

namespace tintype {

// `#rrggbb` in lower case. Transparent pixels count nothing; empty when all are, or the picture is
// malformed.
std::string dominant_color(const SmallPicture& picture);

}  // namespace tintype

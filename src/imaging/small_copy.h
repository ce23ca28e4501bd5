// The small copy of a picture from which the facts about its look come.
#pragma once

#include <string>

#include "base/result.h"
#include "imaging/reducer.h"
#include "imaging/small_picture.h"
#include "imaging/turn.h"

namespace tintype {

// The size of the copy, as stored: at most kSmallPictureSide, never larger than the picture.
PixelSize small_copy_size(PixelSize stored);

// Turned as displayed, in sRGB. Errors: of failures.h.
Result<SmallPicture> small_copy(const PixelBuffer& pixels, Turn turn,
                                const std::string& icc_profile);

}  // namespace tintype

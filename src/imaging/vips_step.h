// For the steps' own files: a call of libvips in place of a picture.
#pragma once

#include "base/result.h"
#include "imaging/vips_ptr.h"

namespace tintype {

// Calls `step(in, &out)` and puts `out` in the picture's place.
template <typename Step>
Result<void> replace_picture(VipsPtr& picture, Step step) {
  VipsImage* out = nullptr;
  if (step(picture.get(), &out) != 0) return rendering_failure();
  picture.reset(out);
  return {};
}

}  // namespace tintype

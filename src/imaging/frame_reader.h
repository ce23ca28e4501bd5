// The frames of a file, each in all the sizes that are wanted of it, from one decode.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "imaging/pixel_source.h"
#include "imaging/reducer.h"

namespace tintype {

// Gets the pixels of frame `index`, one buffer per wanted size.
using FrameHandler =
    std::function<Result<void>(std::uint32_t index, std::vector<PixelBuffer> buffers)>;

struct FrameWishes {
  std::vector<PixelSize> sizes;
  std::uint32_t frames = 1;   // of the source's; the rest is decoded and thrown away
  std::uint32_t cascade = 2;  // FrameReducer's
  bool halve = false;         // FrameReducer's
};

// Decodes the whole source. Errors: of failures.h, and the handler's.
Result<void> read_frames(PixelSource& source, const FrameWishes& wishes,
                         const FrameHandler& handle);

}  // namespace tintype

// ImageEngine: looks into image files, somewhere that a hostile file can do no harm.
//
// Threading: every method may be called from any thread; a call waits for a free worker, no longer
// than its deadline.
// Errors: `unprocessable` when the file is at fault, with a code of the contract's failure list:
// `not_an_image`, `unsupported_format`, `corrupt_image`, `too_many_pixels`, `too_many_frames`, or
// `processing_timeout` (decoding took longer than the CPU or time budget, or ended the worker).
// `unavailable` when it is not the file's fault: no worker came free before the deadline, or none
// can be started; trying again later makes sense.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "domain/image_metadata.h"
#include "domain/limits.h"

namespace tintype {

// The file to look into: the first `size` bytes of `fd`, which the engine only reads and does not
// close.
struct ImageSource {
  int fd = -1;
  std::uint64_t size = 0;
};

class ImageEngine {
 public:
  virtual ~ImageEngine() = default;

  // Decodes the whole file, every frame, and says what it is. Nothing about it is believed that the
  // decoder has not confirmed.
  virtual Result<ImageFacts> inspect(const ImageSource& source, const Limits& limits,
                                     Deadline deadline) = 0;

  // Succeeds when images can be processed now.
  virtual Result<void> check() = 0;
};

}  // namespace tintype

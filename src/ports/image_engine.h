// ImageEngine: looks into image files and renders them, somewhere that a hostile file can do no
// harm.
//
// Threading: every method may be called from any thread; a call waits for memory and a worker, no
// longer than its deadline.
// Errors: `unprocessable` when the file is at fault, with a code of the contract's failure list:
// `not_an_image`, `unsupported_format`, `corrupt_image`, `too_many_pixels`, `too_many_frames`, or
// `processing_timeout` (decoding took longer than the engine's own budget of CPU or time, whatever
// the deadline). Others when it is not the file's fault, and trying again later makes sense:
// `unavailable`, with code `overloaded` at once when too many jobs wait already, otherwise when no
// worker came free before the deadline, none can be started, or those that had the job were killed
// from outside; `timeout` when the deadline left less than the engine's budget and passed during
// the work.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "domain/image_metadata.h"
#include "domain/limits.h"
#include "domain/rendition_spec.h"

namespace tintype {

// The file to look into: the first `size` bytes of `fd`, which the engine only reads and does not
// close.
struct ImageSource {
  int fd = -1;
  std::uint64_t size = 0;
};

// A picture as a file: `size` bytes from the start of `fd`, which nobody else can change.
struct RenderedImage {
  UniqueFd fd;
  std::uint64_t size = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t frames = 1;
  MediaType content_type = MediaType::jpeg;
};

struct Examination {
  ImageFacts facts;
  std::vector<RenderedImage> renditions;  // one per spec asked for, in order
};

inline constexpr std::size_t kMaxRenditionsAtOnce = 12;

class ImageEngine {
 public:
  virtual ~ImageEngine() = default;

  // Decodes the whole file, every frame, says what it is, and makes the renditions asked for, all
  // from one decode. Nothing about the file is believed that the decoder has not confirmed. The
  // specs are not resolved: the engine resolves each by the facts it found, without animation and
  // with the format of choose_format(spec, facts, {}) (JPEG, or PNG where transparency is left), so
  // that the picture is what render() makes of the resolved spec.
  virtual Result<Examination> examine(const ImageSource& source,
                                      const std::vector<RenditionSpec>& renditions,
                                      const Limits& limits, Deadline deadline) = 0;

  Result<ImageFacts> inspect(const ImageSource& source, const Limits& limits, Deadline deadline) {
    auto examined = examine(source, {}, limits, deadline);
    if (!examined.ok()) return std::move(examined).error();
    return std::move(examined->facts);
  }

  // Renders a file that was examined before (`facts` predict what it costs; they are not trusted).
  // The specs are resolved (domain/rendition_spec.h), at most kMaxRenditionsAtOnce; one decode
  // serves all. Errors beside those above: `invalid`, naming parameters, for a picture that takes
  // more memory than there is for any.
  virtual Result<std::vector<RenderedImage>> render(const ImageSource& source,
                                                    const ImageFacts& facts,
                                                    const std::vector<RenditionSpec>& specs,
                                                    const Limits& limits, Deadline deadline) = 0;

  // Succeeds when images can be processed now.
  virtual Result<void> check() = 0;
};

}  // namespace tintype

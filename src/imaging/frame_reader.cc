#include "imaging/frame_reader.h"

#include <memory>
#include <optional>

namespace tintype {
namespace {

// Cuts the stream of rows into frames.
class FrameCutter {
 public:
  FrameCutter(const PixelSource& source, const FrameWishes& wishes, const FrameHandler& handle)
      : size_(source.size()), bands_(source.bands()), wishes_(wishes), handle_(handle) {}

  void take(const std::uint8_t* row) {
    if (frame_ >= wishes_.frames || wishes_.sizes.empty() || failure_) return;
    if (!reducer_) reducer_.emplace(size_, bands_, wishes_.sizes, wishes_.cascade, wishes_.halve);
    reducer_->push(row);
    if (++row_ == size_.height) finish_frame();
  }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void finish_frame() {
    auto done = handle_(frame_, reducer_->take());
    if (!done.ok()) failure_ = std::move(done).error();
    reducer_.reset();
    ++frame_;
    row_ = 0;
  }

  PixelSize size_;
  std::uint32_t bands_;
  const FrameWishes& wishes_;
  const FrameHandler& handle_;
  std::optional<FrameReducer> reducer_;
  std::uint32_t frame_ = 0;
  std::uint32_t row_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Result<void> read_frames(PixelSource& source, const FrameWishes& wishes,
                         const FrameHandler& handle) {
  FrameCutter cutter(source, wishes, handle);
  TRY(source.read([&](const std::uint8_t* row) { cutter.take(row); }));
  if (cutter.failure()) return *cutter.failure();
  return {};
}

}  // namespace tintype

// One rendition on its way from reduced pixels to a file: the steps after resizing, in order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "imaging/encode.h"
#include "imaging/picture_steps.h"
#include "imaging/reducer.h"

namespace tintype {

// What the source has to say to each rendition made of it.
struct SourceNotes {
  PixelSize size;  // as stored, in full
  Turn turn;       // by its EXIF orientation
  std::string icc_profile;
  std::string copyright;
  Animation animation;
  std::uint32_t frames = 1;
};

class PictureMaker {
 public:
  PictureMaker(const RenditionSpec& spec, const SourceNotes& notes, const RenderPolicy& policy);

  // What the source has to be resized to, as stored.
  PixelSize wanted() const { return turned_by(turn_, geometry_.scaled); }
  // Frames of the source that it wants.
  std::uint32_t frames() const { return frames_; }
  // Errors: `too_many_pixels` for an animation that is too large to be kept in memory.
  Result<void> check() const;

  Result<void> add_frame(PixelBuffer buffer);
  Result<RenderedFile> encode(int output);

 private:
  Result<void> apply_steps(VipsPtr& picture);
  Result<void> filter(VipsPtr& picture) const;

  RenditionSpec spec_;
  const SourceNotes& notes_;
  RenderPolicy policy_;
  Turn turn_;
  RenditionGeometry geometry_;
  std::uint32_t frames_ = 1;
  CropMemory crop_;
  std::string profile_;
  std::vector<PixelBuffer> buffers_;
  std::vector<VipsPtr> pictures_;
};

// The pixels as a picture of libvips; they must outlive it.
Result<VipsPtr> picture_of(const PixelBuffer& buffer);
// A copy of its own.
Result<VipsPtr> copy_picture(const VipsPtr& picture);

}  // namespace tintype

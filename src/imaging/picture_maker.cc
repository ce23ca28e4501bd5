#include "imaging/picture_maker.h"

#include <vips/vips.h>

#include <utility>

#include "imaging/failures.h"

namespace tintype {
namespace {

// Sides are swapped back and forth by the same turn.
Turn whole_turn(const RenditionSpec& spec, const SourceNotes& notes) {
  return then(notes.turn, turn_of_spec(spec));
}

}  // namespace

Result<VipsPtr> picture_of(const PixelBuffer& buffer) {
  VipsPtr bare(vips_image_new_from_memory(
      buffer.pixels.data(), buffer.pixels.size(), static_cast<int>(buffer.size.width),
      static_cast<int>(buffer.size.height), static_cast<int>(buffer.bands), VIPS_FORMAT_UCHAR));
  if (!bare) return rendering_failure();
  VipsImage* out = nullptr;
  const auto space = buffer.bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (vips_copy(bare.get(), &out, "interpretation", space, nullptr) != 0)
    return rendering_failure();
  return VipsPtr(out);
}

Result<VipsPtr> copy_picture(const VipsPtr& picture) {
  VipsPtr copy(vips_image_copy_memory(picture.get()));
  if (!copy) return rendering_failure();
  return copy;
}

PictureMaker::PictureMaker(const RenditionSpec& spec, const SourceNotes& notes,
                           const RenderPolicy& policy)
    : spec_(spec), notes_(notes), policy_(policy), turn_(whole_turn(spec, notes)) {
  geometry_ = plan_geometry(spec, turned_by(turn_, notes.size));
  if (spec.animated.value_or(false)) frames_ = notes.frames;
}

Result<void> PictureMaker::check() const {
  const auto pixels = std::uint64_t{geometry_.result.width} * geometry_.result.height * frames_;
  if (frames_ > 1 && pixels > kMaxAnimationPixels)
    return too_many_pixels("The animation would have " + std::to_string(pixels) + " pixels; " +
                           std::to_string(kMaxAnimationPixels) + " are allowed.");
  return {};
}

Result<void> PictureMaker::apply_steps(VipsPtr& picture) {
  const MediaType format = spec_.format.value_or(MediaType::jpeg);
  TRY(turn_picture(picture, turn_));
  // Gray is that of colours as they are seen, not of another profile's numbers.
  const ColorMode mode = spec_.grayscale ? ColorMode::srgb : policy_.color;
  TRY(color_picture(picture, notes_.icc_profile, mode, format, profile_));
  // What is painted around and below the picture is asked for in sRGB.
  RenditionSpec spec = spec_;
  if (spec.background) spec.background = color_in_profile(*spec.background, profile_);
  TRY(frame_picture(picture, spec, geometry_, crop_));
  if (spec_.grayscale) {
    TRY(gray_picture(picture));
    if (spec.background) spec.background = gray_color(*spec.background);
  }
  TRY(filter(picture));
  return ground_picture(picture, spec);
}

// What is filtered is kept: encoders ask for strips, and each would be made anew with all that the
// filter reaches over.
Result<void> PictureMaker::filter(VipsPtr& picture) const {
  if (spec_.blur > 0) {
    TRY(blur_picture(picture, spec_.blur / 100.0));
    picture = TRY(copy_picture(picture));
  }
  if (spec_.sharpen > 0) {
    TRY(sharpen_picture(picture, spec_.sharpen / 100.0));
    picture = TRY(copy_picture(picture));
  }
  return {};
}

Result<void> PictureMaker::add_frame(PixelBuffer buffer) {
  if (pictures_.size() >= frames_) return {};
  auto picture = TRY(picture_of(buffer));
  TRY(apply_steps(picture));
  const bool is_copy = spec_.blur > 0 || spec_.sharpen > 0;
  if (frames_ > 1) picture = TRY(copy_picture(picture));
  else if (!is_copy) buffers_.push_back(std::move(buffer));
  pictures_.push_back(std::move(picture));
  return {};
}

Result<RenderedFile> PictureMaker::encode(int output) {
  if (pictures_.empty()) return damaged_image();
  EncodeOptions options;
  options.format = spec_.format.value_or(MediaType::jpeg);
  options.quality = spec_.quality > 0 ? spec_.quality : default_quality(options.format);
  options.mode = policy_.quality;
  options.icc_profile = profile_;
  options.copyright = notes_.copyright;
  options.animation = notes_.animation;
  auto file = encode_pictures(std::move(pictures_), options, output);
  pictures_.clear();
  buffers_.clear();
  return file;
}

}  // namespace tintype

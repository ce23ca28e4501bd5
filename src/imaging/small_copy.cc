#include "imaging/small_copy.h"

#include <vips/vips.h>

#include "imaging/picture_maker.h"
#include "imaging/vips_step.h"

namespace tintype {

PixelSize small_copy_size(PixelSize stored) {
  RenditionSpec spec;
  spec.width = spec.height = kSmallPictureSide;
  return plan_geometry(spec, stored).scaled;
}

Result<SmallPicture> small_copy(const PixelBuffer& pixels, Turn turn,
                                const std::string& icc_profile) {
  auto picture = TRY(picture_of(pixels));
  TRY(turn_picture(picture, turn));
  std::string none;
  TRY(color_picture(picture, icc_profile, ColorMode::srgb, MediaType::png, none));
  TRY(replace_picture(picture, [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
  }));
  if (!has_alpha(picture))
    TRY(replace_picture(
        picture, [](VipsImage* in, VipsImage** out) { return vips_addalpha(in, out, nullptr); }));
  auto copy = TRY(copy_picture(picture));
  SmallPicture small;
  small.width = static_cast<std::uint32_t>(vips_image_get_width(copy.get()));
  small.height = static_cast<std::uint32_t>(vips_image_get_height(copy.get()));
  const std::size_t row = std::size_t{small.width} * 4;
  for (std::uint32_t y = 0; y < small.height; ++y) {
    const auto* line = VIPS_IMAGE_ADDR(copy.get(), 0, static_cast<int>(y));
    small.rgba.insert(small.rgba.end(), line, line + row);
  }
  return small;
}

}  // namespace tintype

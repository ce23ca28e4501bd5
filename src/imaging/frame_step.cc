#include <vips/vips.h>

#include <algorithm>
#include <vector>

#include "imaging/picture_steps.h"
#include "imaging/vips_step.h"

namespace tintype {
namespace {

PixelSize size_of(const VipsPtr& picture) {
  return {static_cast<std::uint32_t>(vips_image_get_width(picture.get())),
          static_cast<std::uint32_t>(vips_image_get_height(picture.get()))};
}

Result<void> cut(VipsPtr& picture, PixelOffset at, PixelSize part) {
  return replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_extract_area(in, out, static_cast<int>(at.left), static_cast<int>(at.top),
                             static_cast<int>(part.width), static_cast<int>(part.height), nullptr);
  });
}

// libvips says where it cut by the offset that it leaves on the picture.
Result<void> cut_by_content(VipsPtr& picture, Gravity::Kind kind, PixelSize part,
                            CropMemory& crop) {
  const auto interest =
      kind == Gravity::Kind::entropy ? VIPS_INTERESTING_ENTROPY : VIPS_INTERESTING_ATTENTION;
  TRY(replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_smartcrop(in, out, static_cast<int>(part.width), static_cast<int>(part.height),
                          "interesting", interest, nullptr);
  }));
  crop =
      PixelOffset{static_cast<std::uint32_t>(std::max(0, -vips_image_get_xoffset(picture.get()))),
                  static_cast<std::uint32_t>(std::max(0, -vips_image_get_yoffset(picture.get())))};
  return {};
}

Result<void> crop_picture(VipsPtr& picture, const Gravity& gravity, PixelSize part,
                          CropMemory& crop) {
  if (crop) return cut(picture, *crop, part);
  if (gravity.kind != Gravity::Kind::point)
    return cut_by_content(picture, gravity.kind, part, crop);
  return cut(picture, place(gravity, size_of(picture), part), part);
}

// Around the picture comes an opaque background, or white where the format has no alpha. Else
// nothing: a translucent background comes once, below everything (ground_picture).
Color frame_color(const RenditionSpec& spec) {
  const bool can_be_clear = format_has_alpha(spec.format.value_or(MediaType::jpeg));
  Color color = spec.background.value_or(can_be_clear ? Color{0, 0, 0, 0} : Color{255, 255, 255});
  if (!can_be_clear) color.alpha = 255;
  return color.alpha == 255 ? color : Color{0, 0, 0, 0};
}

Result<void> place_picture(VipsPtr& picture, const RenditionSpec& spec, PixelSize canvas) {
  const Color color = frame_color(spec);
  if (vips_image_get_bands(picture.get()) < 3)
    TRY(replace_picture(picture, [](VipsImage* in, VipsImage** out) {
      return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
    }));
  if (color.alpha < 255 && !has_alpha(picture))
    TRY(replace_picture(
        picture, [](VipsImage* in, VipsImage** out) { return vips_addalpha(in, out, nullptr); }));
  std::vector<double> ink{double(color.red), double(color.green), double(color.blue)};
  if (has_alpha(picture)) ink.push_back(color.alpha);
  const PixelOffset at = place(spec.gravity, canvas, size_of(picture));
  VipsArrayDouble* background = vips_array_double_new(ink.data(), static_cast<int>(ink.size()));
  auto done = replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_embed(in, out, static_cast<int>(at.left), static_cast<int>(at.top),
                      static_cast<int>(canvas.width), static_cast<int>(canvas.height), "extend",
                      VIPS_EXTEND_BACKGROUND, "background", background, nullptr);
  });
  vips_area_unref(VIPS_AREA(background));
  return done;
}

}  // namespace

Result<void> frame_picture(VipsPtr& picture, const RenditionSpec& spec,
                           const RenditionGeometry& geometry, CropMemory& crop) {
  if (geometry.scaled == geometry.result) return {};
  if (spec.fit == Fit::contain) return place_picture(picture, spec, geometry.result);
  return crop_picture(picture, spec.gravity, geometry.result, crop);
}

}  // namespace tintype

// Sharpening and background.
#include <vips/vips.h>

#include <algorithm>
#include <vector>

#include "imaging/picture_steps.h"
#include "imaging/vips_step.h"

namespace tintype {

namespace {

// libvips sharpens by the difference to a blur whose mask is of one pixel, no blur at all, below
// this sigma.
constexpr double kLeastSharpening = 0.47;

}  // namespace

Result<void> round_to_bytes(VipsPtr& picture) {
  TRY(replace_picture(picture,
                      [](VipsImage* in, VipsImage** out) { return vips_rint(in, out, nullptr); }));
  return replace_picture(
      picture, [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
}

bool has_alpha(const VipsPtr& picture) { return vips_image_hasalpha(picture.get()) != 0; }

bool format_has_alpha(MediaType format) { return format != MediaType::jpeg; }

Result<void> sharpen_picture(VipsPtr& picture, double sigma) {
  return replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_sharpen(in, out, "sigma", std::max(sigma, kLeastSharpening), nullptr);
  });
}

Result<void> ground_picture(VipsPtr& picture, const RenditionSpec& spec) {
  if (!has_alpha(picture)) return {};
  const bool opaque_format = !format_has_alpha(spec.format.value_or(MediaType::jpeg));
  if (!spec.background && !opaque_format) return {};
  const Color color = spec.background.value_or(Color{255, 255, 255});
  const int bands = vips_image_get_bands(picture.get());
  if (color.alpha == 255 || opaque_format) {
    const double ink[] = {double(color.red), double(color.green), double(color.blue)};
    VipsArrayDouble* background = vips_array_double_new(ink, bands == 2 ? 1 : 3);
    auto done = replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
      return vips_flatten(in, out, "background", background, nullptr);
    });
    vips_area_unref(VIPS_AREA(background));
    return done;
  }
  // A translucent ground of the picture's size, and the picture over it.
  std::vector<double> ink{double(color.red), double(color.green), double(color.blue)};
  if (bands == 2) ink.resize(1);
  ink.push_back(color.alpha);
  VipsPtr over = std::move(picture);
  VipsImage* ground = vips_image_new_from_image(over.get(), ink.data(), bands);
  if (!ground) return rendering_failure();
  VipsPtr below(ground);
  VipsImage* both = nullptr;
  if (vips_composite2(below.get(), over.get(), &both, VIPS_BLEND_MODE_OVER, nullptr) != 0)
    return rendering_failure();
  picture.reset(both);
  return round_to_bytes(picture);
}

}  // namespace tintype

#include <vips/vips.h>

#include <algorithm>
#include <cmath>

#include "imaging/picture_maker.h"
#include "imaging/picture_steps.h"
#include "imaging/vips_step.h"

namespace tintype {
namespace {

// The mask ends where the Gaussian has fallen to this. libvips's own end, a fifth, leaves a mask of
// one pixel for a sigma below 0.56 and less blur than asked for beyond; with this one the least
// sigma that may be asked for, 0.3, still has neighbours.
constexpr double kMaskEnd = 0.003;

// A mask of floats takes time in proportion to its size. From this sigma on a smaller copy is
// blurred, whose mask has no more than 35 pixels, and nothing is lost that the blur would leave.
constexpr double kSmallCopyFrom = 4;

int shrink_for(double sigma) { return std::max(2, static_cast<int>(sigma / 4)); }

// In floating point: masks of integers are off by a hundredth and more, which changes colours.
int gaussian(VipsImage* in, VipsImage** out, double sigma) {
  return vips_gaussblur(in, out, sigma, "precision", VIPS_PRECISION_FLOAT, "min_ampl", kMaskEnd,
                        nullptr);
}

// Where a picture lies in one whose sides are multiples of the factor.
struct Whole {
  int factor, left, top, width, height;
};

Whole whole_of(VipsImage* picture, int factor) {
  auto up = [&](int side) { return (side + factor - 1) / factor * factor; };
  const int width = vips_image_get_width(picture), height = vips_image_get_height(picture);
  return {factor, (up(width) - width) / 2, (up(height) - height) / 2, up(width), up(height)};
}

// Averages of factor × factor pixels, in floating point.
Result<void> shrink(VipsPtr& picture, const Whole& whole) {
  TRY(replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_embed(in, out, whole.left, whole.top, whole.width, whole.height, "extend",
                      VIPS_EXTEND_COPY, nullptr);
  }));
  TRY(replace_picture(
      picture, [](VipsImage* in, VipsImage** out) { return vips_cast_float(in, out, nullptr); }));
  return replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_shrink(in, out, whole.factor, whole.factor, nullptr);
  });
}

// By a cubic; the pixels of the small copy stand in the middle of those that they are averages of.
Result<void> enlarge(VipsPtr& picture, const Whole& whole, int width, int height) {
  const double factor = whole.factor, offset = 0.5 - 0.5 / factor;
  VipsArrayInt* area = vips_array_int_newv(4, whole.left, whole.top, width, height);
  VipsInterpolate* cubic = vips_interpolate_new("bicubic");
  auto done = replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_affine(in, out, factor, 0, 0, factor, "idx", offset, "idy", offset, "oarea", area,
                       "interpolate", cubic, "extend", VIPS_EXTEND_COPY, "premultiplied", TRUE,
                       nullptr);
  });
  vips_area_unref(VIPS_AREA(area));
  g_object_unref(cubic);
  return done;
}

Result<void> blur_small_copy(VipsPtr& picture, double sigma) {
  const int width = vips_image_get_width(picture.get());
  const int height = vips_image_get_height(picture.get());
  const int factor = shrink_for(sigma);
  const Whole whole = whole_of(picture.get(), factor);
  TRY(shrink(picture, whole));
  // Averaging has blurred already; variances add up. The cubic adds none.
  const double left = sigma * sigma - (factor * factor - 1) / 12.0;
  TRY(replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return gaussian(in, out, std::sqrt(left) / factor);
  }));
  picture = TRY(copy_picture(picture));
  return enlarge(picture, whole, width, height);
}

Result<void> blur(VipsPtr& picture, double sigma) {
  if (sigma >= kSmallCopyFrom) return blur_small_copy(picture, sigma);
  return replace_picture(picture,
                         [&](VipsImage* in, VipsImage** out) { return gaussian(in, out, sigma); });
}

}  // namespace

Result<void> blur_picture(VipsPtr& picture, double sigma) {
  if (!has_alpha(picture)) {
    TRY(blur(picture, sigma));
    return round_to_bytes(picture);
  }
  // Colours of transparent pixels must not bleed into their neighbours.
  TRY(replace_picture(
      picture, [](VipsImage* in, VipsImage** out) { return vips_premultiply(in, out, nullptr); }));
  TRY(blur(picture, sigma));
  TRY(replace_picture(picture, [](VipsImage* in, VipsImage** out) {
    return vips_unpremultiply(in, out, nullptr);
  }));
  return round_to_bytes(picture);
}

}  // namespace tintype

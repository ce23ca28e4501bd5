#include <vips/vips.h>

#include <utility>

#include "imaging/built_in_profile.h"
#include "imaging/icc_profile.h"
#include "imaging/icc_rewrite.h"
#include "imaging/picture_steps.h"
#include "imaging/vips_step.h"

namespace tintype {
namespace {

// A profile of curves and primaries has half a kilobyte; one of tables has hundreds, which a
// thumbnail shall not carry.
constexpr std::size_t kCompactProfile = 4096;

bool is_compact(const std::string& profile) {
  return !profile.empty() && profile.size() <= kCompactProfile;
}

// The colour space that a profile describes (ICC.1:2022 §7.2.8).
std::string_view space_of(const std::string& profile) {
  return profile.size() < 128 ? std::string_view() : std::string_view(profile).substr(16, 4);
}

// False for a profile that cannot be used, which is as good as none: the numbers stay.
bool convert(VipsPtr& picture, const std::string& found, const char* to) {
  vips_image_set_blob_copy(picture.get(), VIPS_META_ICC_NAME, found.data(), found.size());
  auto done = replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, to, "embedded", TRUE, "intent", VIPS_INTENT_RELATIVE,
                              "black_point_compensation", TRUE, "depth", 8, nullptr);
  });
  if (!done.ok()) vips_error_clear();
  vips_image_remove(picture.get(), VIPS_META_ICC_NAME);
  return done.ok();
}

// A picture of one pixel; null when libvips fails.
VipsPtr pixel_of(const Color& color) {
  const std::uint8_t pixel[] = {color.red, color.green, color.blue};
  VipsPtr one(vips_image_new_from_memory_copy(pixel, 3, 1, 1, 3, VIPS_FORMAT_UCHAR));
  if (one) one->Type = VIPS_INTERPRETATION_sRGB;
  return one;
}

// The colour of such a picture, with the alpha of what it was made of, which it is when libvips
// fails.
Color color_of(const VipsPtr& one, const Color& color) {
  std::size_t size = 0;
  auto* made = static_cast<std::uint8_t*>(vips_image_write_to_memory(one.get(), &size));
  if (!made) vips_error_clear();
  Color result = color;
  if (size == 1) result = {made[0], made[0], made[0], color.alpha};
  if (size == 3) result = {made[0], made[1], made[2], color.alpha};
  g_free(made);
  return result;
}

bool can_carry_profile(MediaType format) { return format != MediaType::gif; }

}  // namespace

Result<void> color_picture(VipsPtr& picture, const std::string& found, ColorMode mode,
                           MediaType format, std::string& profile) {
  profile.clear();
  const auto space = space_of(found);
  const int colors = vips_image_get_bands(picture.get()) - (has_alpha(picture) ? 1 : 0);
  const bool fits = (space == "RGB " && colors == 3) || (space == "GRAY" && colors == 1);
  if (!fits) return {};
  const KnownProfile known = known_profile(found);
  if (known == KnownProfile::srgb) return {};
  if (space == "GRAY") {
    convert(picture, found, "srgb");
    return gray_picture(picture);
  }
  if (mode == ColorMode::srgb || !can_carry_profile(format)) {
    convert(picture, found, "srgb");
  } else if (known == KnownProfile::display_p3) {
    profile = display_p3_profile();
  } else if (auto compact = colors_of_profile(found); is_compact(compact)) {
    profile = std::move(compact);
  } else if (convert(picture, found, "p3")) {
    profile = display_p3_profile();
  }
  return {};
}

Color color_in_profile(const Color& color, const std::string& profile) {
  if (profile.empty()) return color;
  VipsPtr one = pixel_of(color);
  if (!one) return color;
  auto imported = replace_picture(one, [](VipsImage* in, VipsImage** out) {
    return vips_icc_import(in, out, "input_profile", "srgb", "intent", VIPS_INTENT_RELATIVE,
                           nullptr);
  });
  if (!imported.ok()) return color;
  vips_image_set_blob_copy(one.get(), VIPS_META_ICC_NAME, profile.data(), profile.size());
  auto exported = replace_picture(one, [](VipsImage* in, VipsImage** out) {
    return vips_icc_export(in, out, "depth", 8, "intent", VIPS_INTENT_RELATIVE, nullptr);
  });
  return exported.ok() ? color_of(one, color) : color;
}

Result<void> gray_picture(VipsPtr& picture) {
  return replace_picture(picture, [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_B_W, nullptr);
  });
}

Color gray_color(const Color& color) {
  VipsPtr one = pixel_of(color);
  return one && gray_picture(one).ok() ? color_of(one, color) : color;
}

}  // namespace tintype

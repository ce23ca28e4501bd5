#include "support/pictures.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace tintype::pictures {
namespace {

void start_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (vips_init("pictures") != 0) std::abort();
    vips_concurrency_set(1);
  });
}

bool in_mark(double x, double y) {  // an F, so that every turn shows
  const bool stem = x > 0.08 && x < 0.14 && y > 0.1 && y < 0.6;
  const bool top = x > 0.08 && x < 0.32 && y > 0.1 && y < 0.18;
  const bool middle = x > 0.08 && x < 0.25 && y > 0.3 && y < 0.38;
  return stem || top || middle;
}

bool in_disc(double x, double y, double at) {
  return (x - at) * (x - at) + (y - 0.68) * (y - 0.68) < 0.03;
}

double gray_of(const double* rgb) { return 0.3 * rgb[0] + 0.6 * rgb[1] + 0.1 * rgb[2]; }

struct Pixel {
  double rgb[3];
  double alpha;
};

// `step` moves the disc.
Pixel paint(int column, int row, int width, int height, int step) {
  const double x = (column + 0.5) / width, y = (row + 0.5) / height;
  Pixel pixel{{40 + 150 * x, 60 + 120 * y, 170 - 90 * x}, 255};
  if (y > 0.75 && x < 0.45) {  // lines of one pixel: what resizing in gamma space darkens
    const double ink = (column + row / 3) % 2 == 0 ? 220 : 12;
    std::fill_n(pixel.rgb, 3, ink);
  }
  if (in_mark(x, y)) std::fill_n(pixel.rgb, 3, 220.0);
  if (in_disc(x, y, 0.72 + 0.04 * step)) {
    pixel.rgb[0] = 225;
    pixel.rgb[1] = 70 + 100 * y;
    pixel.rgb[2] = 40;
  }
  pixel.rgb[1] += 9 * step;  // every part of a frame differs from that of the one before
  pixel.alpha = std::clamp(430 * (1.1 - x) + 80 * y - 40, 0.0, 255.0);
  return pixel;
}

void append(std::string& bytes, const Pixel& pixel, int bands) {
  auto put = [&](double value) { bytes += static_cast<char>(static_cast<std::uint8_t>(value)); };
  if (bands < 3) put(gray_of(pixel.rgb));
  else
    for (double value : pixel.rgb) put(value);
  if (bands % 2 == 0) put(pixel.alpha);
}

Picture own(VipsImage* image) {
  if (!image) vips_error_exit("a picture of a test");
  return Picture(image, g_object_unref);
}

Picture in_memory(const Picture& picture) { return own(vips_image_copy_memory(picture.get())); }

Picture in_space(const Picture& picture, VipsInterpretation space) {
  return changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, space, nullptr);
  });
}

Picture as_bytes(const Picture& picture) {
  return changed(picture,
                 [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
}

// vips_resize enlarges too, but half a pixel beside the place.
Picture enlarged(const Picture& picture, int width, int height) {
  const double across = double(width) / vips_image_get_width(picture.get());
  const double down = double(height) / vips_image_get_height(picture.get());
  if (across == 1 && down == 1) return picture;
  VipsArrayInt* area = vips_array_int_newv(4, 0, 0, width, height);
  VipsInterpolate* cubic = vips_interpolate_new("bicubic");
  auto result = changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_affine(in, out, across, 0, 0, down, "idx", 0.5 - 0.5 / across, "idy",
                       0.5 - 0.5 / down, "oarea", area, "interpolate", cubic, "extend",
                       VIPS_EXTEND_COPY, "premultiplied", TRUE, nullptr);
  });
  vips_area_unref(VIPS_AREA(area));
  g_object_unref(cubic);
  return result;
}

Picture with_size(const Picture& picture, int width, int height) {
  const bool has_alpha = vips_image_hasalpha(picture.get());
  const auto premultiplied =
      !has_alpha ? picture : changed(picture, [](VipsImage* in, VipsImage** out) {
        return vips_premultiply(in, out, nullptr);
      });
  const double across = double(width) / vips_image_get_width(picture.get());
  const double down = double(height) / vips_image_get_height(picture.get());
  const auto shrunk = changed(premultiplied, [&](VipsImage* in, VipsImage** out) {
    return vips_resize(in, out, std::min(1.0, across), "vscale", std::min(1.0, down), "gap", 0.0,
                       nullptr);
  });
  const auto small = enlarged(shrunk, width, height);
  if (!has_alpha) return small;
  return changed(
      small, [](VipsImage* in, VipsImage** out) { return vips_unpremultiply(in, out, nullptr); });
}

VipsArrayDouble* array_of(const std::vector<double>& values) {
  return vips_array_double_new(values.data(), static_cast<int>(values.size()));
}

Picture by_profile(const Picture& picture) {
  return changed(picture, [](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "input_profile", "cmyk", "intent",
                              VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, nullptr);
  });
}

// Of a value per pixel: the mean, and what 95 of 100 do not exceed.
Distance summary(std::vector<float>& values) {
  Distance result;
  for (float value : values) result.mean += value / static_cast<double>(values.size());
  const auto most = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 95 / 100);
  std::ranges::nth_element(values, most);
  result.most = *most;
  return result;
}

Difference difference_over(const Picture& a, const Picture& b, double ground) {
  auto lab = [&](const Picture& picture) {
    return in_memory(
        in_space(flattened(picture, {ground, ground, ground}), VIPS_INTERPRETATION_LAB));
  };
  const auto left = lab(a), right = lab(b);
  const auto count = VIPS_IMAGE_N_PELS(left.get());
  const auto* p = reinterpret_cast<const float*>(VIPS_IMAGE_ADDR(left.get(), 0, 0));
  const auto* q = reinterpret_cast<const float*>(VIPS_IMAGE_ADDR(right.get(), 0, 0));
  std::vector<float> color(count), lightness(count);
  for (std::size_t i = 0; i < count; ++i, p += 3, q += 3) {
    lightness[i] = std::abs(p[0] - q[0]);
    color[i] = std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
  }
  return {summary(color), summary(lightness)};
}

Distance larger(const Distance& a, const Distance& b) {
  return {std::max(a.mean, b.mean), std::max(a.most, b.most)};
}

bool is_opaque(const Picture& picture) {
  if (!vips_image_hasalpha(picture.get())) return true;
  const auto alpha = changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_extract_band(in, out, vips_image_get_bands(in) - 1, nullptr);
  });
  double least = 0;
  return vips_min(alpha.get(), &least, nullptr) == 0 && least == 255;
}

struct Recipe {
  Encoding encoding;
  const char* name;
  int bands;
  int frames;
  const char* suffix;
};

constexpr Recipe kRecipes[] = {
    {Encoding::jpeg, "jpeg", 3, 1, ".jpg[Q=92]"},
    {Encoding::progressive_jpeg, "progressive", 3, 1, ".jpg[Q=92,interlace]"},
    {Encoding::cmyk_jpeg, "cmyk", 4, 1, ".jpg[Q=92]"},
    {Encoding::gray_jpeg, "gray_jpeg", 1, 1, ".jpg[Q=92]"},
    {Encoding::png, "png", 3, 1, ".png"},
    {Encoding::png_16, "png_16", 3, 1, ".png"},
    {Encoding::png_palette, "png_palette", 3, 1, ".png[palette]"},
    {Encoding::png_alpha, "png_alpha", 4, 1, ".png"},
    {Encoding::png_gray, "png_gray", 1, 1, ".png"},
    {Encoding::png_gray_alpha, "png_gray_alpha", 2, 1, ".png"},
    {Encoding::webp, "webp", 3, 1, ".webp[Q=92]"},
    {Encoding::webp_lossless, "webp_lossless", 3, 1, ".webp[lossless]"},
    {Encoding::webp_alpha, "webp_alpha", 4, 1, ".webp[lossless]"},
    {Encoding::webp_animated, "webp_animated", 3, 3, ".webp[Q=92]"},
    {Encoding::gif, "gif", 3, 1, ".gif"},
    {Encoding::gif_animated, "gif_animated", 3, 3, ".gif"},
    {Encoding::avif, "avif", 3, 1, ".avif[Q=92,effort=0]"},
};

const Recipe& recipe_of(Encoding encoding) { return kRecipes[static_cast<int>(encoding)]; }

Picture to_cmyk(const Picture& picture) {
  return changed(picture, [](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, "cmyk", "input_profile", "srgb", nullptr);
  });
}

}  // namespace

Picture moving_scene(int width, int height, int bands, int frames) {
  start_once();
  std::string bytes;
  for (int frame = 0; frame < frames; ++frame)
    for (int row = 0; row < height; ++row)
      for (int column = 0; column < width; ++column)
        append(bytes, paint(column, row, width, height, frame), bands);
  VipsImage* image = vips_image_new_from_memory_copy(bytes.data(), bytes.size(), width,
                                                     height * frames, bands, VIPS_FORMAT_UCHAR);
  image->Type = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (frames > 1) vips_image_set_int(image, VIPS_META_PAGE_HEIGHT, height);
  return own(image);
}

Picture scene(int width, int height, int bands) { return moving_scene(width, height, bands, 1); }

const char* name_of(Encoding encoding) { return recipe_of(encoding).name; }

std::vector<Encoding> all_encodings() {
  std::vector<Encoding> all;
  for (const auto& recipe : kRecipes) all.push_back(recipe.encoding);
  return all;
}

std::string encoded(Encoding encoding, int width, int height) {
  const Recipe& recipe = recipe_of(encoding);
  const bool cmyk = encoding == Encoding::cmyk_jpeg;
  auto picture = moving_scene(width, height, cmyk ? 3 : recipe.bands, recipe.frames);
  if (cmyk) picture = to_cmyk(picture);
  if (encoding == Encoding::png_16) picture = in_space(picture, VIPS_INTERPRETATION_RGB16);
  return written(picture, recipe.suffix);
}

std::string written(const Picture& picture, const std::string& suffix) {
  void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_write_to_buffer(picture.get(), suffix.c_str(), &data, &size, nullptr) != 0)
    vips_error_exit("a picture of a test");
  std::string bytes(static_cast<char*>(data), size);
  g_free(data);
  return bytes;
}

Picture decoded(const std::string& file, int frame) {
  start_once();
  VipsImage* loaded =
      frame == 0 ? vips_image_new_from_buffer(file.data(), file.size(), "", nullptr)
                 : vips_image_new_from_buffer(file.data(), file.size(), "", "page", frame, nullptr);
  auto picture = own(loaded);
  const auto space = vips_image_get_interpretation(picture.get());
  if (space == VIPS_INTERPRETATION_CMYK || vips_image_get_typeof(picture.get(), VIPS_META_ICC_NAME))
    picture = by_profile(picture);
  picture = as_bytes(in_space(picture, VIPS_INTERPRETATION_sRGB));
  if (!vips_image_hasalpha(picture.get()))
    picture = changed(
        picture, [](VipsImage* in, VipsImage** out) { return vips_addalpha(in, out, nullptr); });
  return in_memory(picture);
}

Picture resized(const Picture& picture, int width, int height) {
  const auto light = in_space(picture, VIPS_INTERPRETATION_scRGB);
  return in_memory(as_bytes(in_space(with_size(light, width, height), VIPS_INTERPRETATION_sRGB)));
}

Picture resized_in_gamma(const Picture& picture, int width, int height) {
  return in_memory(as_bytes(with_size(picture, width, height)));
}

Picture turned(const Picture& picture, int quarters, bool mirror) {
  const auto angle = static_cast<VipsAngle>(VIPS_ANGLE_D0 + quarters);
  auto turned = changed(
      picture, [&](VipsImage* in, VipsImage** out) { return vips_rot(in, out, angle, nullptr); });
  if (mirror)
    turned = changed(turned, [](VipsImage* in, VipsImage** out) {
      return vips_flip(in, out, VIPS_DIRECTION_HORIZONTAL, nullptr);
    });
  return in_memory(turned);
}

Picture cropped(const Picture& picture, int left, int top, int width, int height) {
  return changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_extract_area(in, out, left, top, width, height, nullptr);
  });
}

Picture placed(const Picture& picture, int left, int top, int width, int height,
               const std::vector<double>& color) {
  VipsArrayDouble* ink = array_of(color);
  auto result = changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_embed(in, out, left, top, width, height, "extend", VIPS_EXTEND_BACKGROUND,
                      "background", ink, nullptr);
  });
  vips_area_unref(VIPS_AREA(ink));
  return result;
}

Picture flattened(const Picture& picture, const std::vector<double>& color) {
  if (!vips_image_hasalpha(picture.get())) return picture;
  VipsArrayDouble* ink = array_of(color);
  auto result = changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_flatten(in, out, "background", ink, nullptr);
  });
  vips_area_unref(VIPS_AREA(ink));
  return result;
}

Picture with_red_and_blue_swapped(const Picture& picture) {
  const auto bgr = changed(picture, [](VipsImage* in, VipsImage** out) {
    const double matrix[] = {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1};
    VipsImage* swap = vips_image_new_matrix_from_array(4, 4, matrix, 16);
    const int result = vips_recomb(in, out, swap, nullptr);
    g_object_unref(swap);
    return result;
  });
  return in_memory(as_bytes(bgr));
}

Difference difference(const Picture& a, const Picture& b) {
  if (vips_image_get_width(a.get()) != vips_image_get_width(b.get()) ||
      vips_image_get_height(a.get()) != vips_image_get_height(b.get()))
    return {{100, 100}, {100, 100}};
  const auto white = difference_over(a, b, 255);
  if (is_opaque(a) && is_opaque(b)) return white;
  const auto black = difference_over(a, b, 0);
  return {larger(white.color, black.color), larger(white.lightness, black.lightness)};
}

Distance distance(const Picture& a, const Picture& b) { return difference(a, b).color; }

Picture over(const Picture& picture, const std::vector<double>& color, double alpha) {
  const auto result = in_memory(picture);
  auto* pixel = VIPS_IMAGE_ADDR(result.get(), 0, 0);
  const auto count = VIPS_IMAGE_N_PELS(result.get());
  for (std::size_t i = 0; i < count; ++i, pixel += 4) {
    const double above = pixel[3] / 255.0, below = alpha / 255.0 * (1 - above);
    const double both = above + below;
    for (int band = 0; band < 3; ++band) {
      const double sum = pixel[band] * above + color[band] * below;
      pixel[band] = static_cast<VipsPel>(both > 0 ? sum / both + 0.5 : 0);
    }
    pixel[3] = static_cast<VipsPel>(both * 255 + 0.5);
  }
  return result;
}

}  // namespace tintype::pictures

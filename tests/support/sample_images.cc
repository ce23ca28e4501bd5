#include "support/sample_images.h"

#include <vips/vips.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#ifdef __SANITIZE_THREAD__
// libvips is not instrumented, so the races that ThreadSanitizer sees in it are not there.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libvips-cpp.so\nrace:libvips-cpp.so\n";
}
#endif

namespace tintype::samples {
namespace {

void start_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (vips_init("samples") != 0) std::abort();
    vips_concurrency_set(1);
  });
}

void must(int result, const char* what) {
  if (result == 0) return;
  std::fprintf(stderr, "sample image: %s: %s\n", what, vips_error_buffer());
  std::abort();
}

// A gradient with `bands` bands of 8 bits, `frames` pictures below each other.
VipsImage* gradient(int width, int height, int bands, int frames = 1) {
  start_once();
  int rows = height * frames;
  std::string pixels;
  pixels.reserve(static_cast<std::size_t>(width) * rows * bands);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < width; ++x)
      for (int band = 0; band < bands; ++band)
        pixels += static_cast<char>((band == 0   ? x * 255 / width
                                     : band == 1 ? y * 255 / rows
                                     : band == 2 ? 128
                                                 : 64 + x % 128) &
                                    0xFF);
  VipsImage* image = vips_image_new_from_memory_copy(pixels.data(), pixels.size(), width, rows,
                                                     bands, VIPS_FORMAT_UCHAR);
  image->Type = VIPS_INTERPRETATION_sRGB;
  if (frames > 1) vips_image_set_int(image, VIPS_META_PAGE_HEIGHT, height);
  return image;
}

template <typename... Options>
std::string save(VipsImage* image, int (*saver)(VipsImage*, void**, size_t*, ...),
                 Options... options) {
  void* data = nullptr;
  std::size_t size = 0;
  must(saver(image, &data, &size, options..., nullptr), "save");
  std::string bytes(static_cast<char*>(data), size);
  g_free(data);
  g_object_unref(image);
  return bytes;
}

}  // namespace

std::string jpeg(int width, int height) {
  return save(gradient(width, height, 3), vips_jpegsave_buffer, "Q", 90);
}
std::string progressive_jpeg(int width, int height) {
  return save(gradient(width, height, 3), vips_jpegsave_buffer, "interlace", TRUE);
}

std::string cmyk_jpeg(int width, int height) {
  VipsImage* image = gradient(width, height, 4);
  image->Type = VIPS_INTERPRETATION_CMYK;
  return save(image, vips_jpegsave_buffer, "profile", "cmyk");
}

std::string png(int width, int height) {
  return save(gradient(width, height, 3), vips_pngsave_buffer);
}
std::string png_with_alpha(int width, int height) {
  return save(gradient(width, height, 4), vips_pngsave_buffer);
}

std::string png_16_bit(int width, int height) {
  VipsImage* image = gradient(width, height, 3);
  VipsImage* wide = nullptr;
  must(vips_colourspace(image, &wide, VIPS_INTERPRETATION_RGB16, nullptr), "RGB16");
  g_object_unref(image);
  return save(wide, vips_pngsave_buffer);
}

std::string p3_png(int width, int height) {
  return save(gradient(width, height, 3), vips_pngsave_buffer, "profile", "p3");
}
std::string webp(int width, int height) {
  return save(gradient(width, height, 3), vips_webpsave_buffer);
}
std::string lossless_webp(int width, int height) {
  return save(gradient(width, height, 4), vips_webpsave_buffer, "lossless", TRUE);
}
std::string animated_webp(int frames, int width, int height) {
  return save(gradient(width, height, 3, frames), vips_webpsave_buffer);
}
std::string gif(int width, int height) {
  return save(gradient(width, height, 3), vips_gifsave_buffer);
}
std::string animated_gif(int frames, int width, int height) {
  return save(gradient(width, height, 3, frames), vips_gifsave_buffer);
}
std::string avif(int width, int height) {
  return save(gradient(width, height, 3), vips_heifsave_buffer, "compression",
              VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 0);
}
std::string tiff() { return save(gradient(8, 8, 3), vips_tiffsave_buffer); }

}  // namespace tintype::samples

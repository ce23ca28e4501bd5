#include "small_pictures.h"

#include <vips/vips.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>

namespace tintype::testing {
namespace {

struct Blob {
  double x, y, radius;
  std::array<double, 3> colour;
};

std::vector<Blob> blobs_of(unsigned seed) {
  std::mt19937 random(seed);
  auto unit = [&] { return static_cast<double>(random() % 1000) / 1000; };
  std::vector<Blob> blobs;
  for (int i = 0; i < 60; ++i) {
    const double x = unit(), y = unit(), radius = 0.03 + 0.07 * unit();
    blobs.push_back({x, y, radius, {unit() - 0.5, unit() - 0.5, unit() - 0.5}});
  }
  return blobs;
}

void must(int failed) {
  if (failed == 0) return;
  std::fprintf(stderr, "photo: %s\n", vips_error_buffer());
  std::abort();
}

// Calls one libvips operation on `image` and lets go of its input.
template <typename Operation, typename... Arguments>
void apply(VipsImage*& image, Operation operation, Arguments... arguments) {
  VipsImage* out = nullptr;
  must(operation(image, &out, arguments..., nullptr));
  g_object_unref(image);
  image = out;
}

void through_jpeg(VipsImage*& image, int quality) {
  void* data = nullptr;
  std::size_t size = 0;
  must(vips_jpegsave_buffer(image, &data, &size, "Q", quality, nullptr));
  g_object_unref(image);
  must((image = vips_image_new_from_buffer(data, size, "", nullptr)) == nullptr);
  VipsImage* decoded = vips_image_copy_memory(image);
  g_object_unref(image);
  g_free(data);
  image = decoded;
}

}  // namespace

SmallPicture scene(unsigned seed, std::uint32_t width, std::uint32_t height) {
  const auto blobs = blobs_of(seed);
  return painted(width, height, [&](int x, int y) {
    Rgba pixel{0, 0, 0, 255};
    for (std::size_t c = 0; c < 3; ++c) {
      double value = 0.5;
      for (const Blob& blob : blobs) {
        const double dx = (x + 0.5) / width - blob.x, dy = (y + 0.5) / height - blob.y;
        value += blob.colour[c] * std::exp(-(dx * dx + dy * dy) / (2 * blob.radius * blob.radius));
      }
      pixel[c] = static_cast<int>(std::lround(255 * std::min(1.0, std::max(0.0, value))));
    }
    return pixel;
  });
}

std::vector<std::string> photo_paths() {
  const char* folder = std::getenv("TINTYPE_PHOTOS");
  std::vector<std::string> paths;
  if (folder == nullptr) return paths;
  const auto photos = std::filesystem::path(folder) / "photos";
  for (const auto& entry : std::filesystem::directory_iterator(photos))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

SmallPicture small_photo(const std::string& path, const CopyOptions& options) {
  must(vips_init("photos"));
  VipsImage* image = vips_image_new_from_file(path.c_str(), nullptr);
  must(image == nullptr);
  const int left = static_cast<int>(image->Xsize * options.margin);
  const int top = static_cast<int>(image->Ysize * options.margin);
  apply(image, vips_extract_area, left, top, image->Xsize - 2 * left, image->Ysize - 2 * top);
  if (options.scale != 1) apply(image, vips_resize, options.scale);
  if (options.gain != 1) apply(image, vips_linear1, options.gain, 0.0, "uchar", TRUE);
  if (options.quality > 0) through_jpeg(image, options.quality);
  apply(image, vips_thumbnail_image, static_cast<int>(kSmallPictureSide), "height",
        static_cast<int>(kSmallPictureSide));
  if (!vips_image_hasalpha(image)) apply(image, vips_addalpha);
  SmallPicture picture{
      static_cast<std::uint32_t>(image->Xsize), static_cast<std::uint32_t>(image->Ysize), {}};
  std::size_t size = 0;
  auto* bytes = static_cast<std::uint8_t*>(vips_image_write_to_memory(image, &size));
  picture.rgba.assign(bytes, bytes + size);
  g_free(bytes);
  g_object_unref(image);
  return picture;
}

}  // namespace tintype::testing

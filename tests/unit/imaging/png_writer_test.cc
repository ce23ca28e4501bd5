// PNG files are read back by libvips, which must see the very pixels that were written.
#include "imaging/png_writer.h"

#include <gtest/gtest.h>
#include <vips/vips.h>

#include "imaging/vips_ptr.h"
#include "support/image_builder.h"
#include "support/pictures.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using testing::SeededRandom;
using Pixels = std::vector<std::uint8_t>;

Pixels noise(std::size_t count) {
  SeededRandom random(5);
  Pixels pixels(count);
  for (auto& value : pixels) value = static_cast<std::uint8_t>(random.next());
  return pixels;
}

// Steps, slopes and flat parts, so that every filter is the best one somewhere.
Pixels shapes(std::uint32_t width, std::uint32_t height, std::uint32_t bands) {
  Pixels pixels;
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t band = 0; band < bands; ++band) {
        std::uint32_t value = y % 5 == 0 ? x * 3 : y % 5 == 1 ? y * 7 : x * x + y * band;
        if (y % 5 == 3) value = x % 7 == 0 ? 255 : 0;
        pixels.push_back(static_cast<std::uint8_t>(value));
      }
  return pixels;
}

std::string written(const PngSettings& settings, const Pixels& pixels, unsigned at_once) {
  PngWriter writer(settings);
  const std::size_t stride = std::size_t{settings.width} * settings.bands;
  for (std::uint32_t y = 0; y < settings.height; y += at_once) {
    std::vector<const std::uint8_t*> rows;
    for (std::uint32_t i = y; i < std::min(settings.height, y + at_once); ++i)
      rows.push_back(pixels.data() + i * stride);
    writer.write(rows.data(), static_cast<unsigned>(rows.size()));
  }
  auto file = writer.finish();
  return file.ok() ? *file : "";
}

Pixels read_back(const std::string& file) {
  VipsPtr image(vips_image_new_from_buffer(file.data(), file.size(), "", "fail_on",
                                           VIPS_FAIL_ON_WARNING, nullptr));
  if (!image) return {};
  std::size_t size = 0;
  void* memory = vips_image_write_to_memory(image.get(), &size);
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  Pixels pixels(bytes, bytes + size);
  g_free(memory);
  return pixels;
}

TEST(PngWriter, keeps_every_pixel) {
  for (std::uint32_t bands : {1u, 2u, 3u, 4u})
    for (std::uint32_t width : {1u, 2u, 17u, 64u, 301u}) {
      const PngSettings settings{width, 23, bands, 1, {}, {}};
      for (const auto& pixels :
           {noise(std::size_t{width} * 23 * bands), shapes(width, 23, bands)}) {
        const auto file = written(settings, pixels, 5);
        ASSERT_EQ(sniff_media_type(file), MediaType::png);
        EXPECT_EQ(read_back(file), pixels) << bands << " bands, width " << width;
      }
    }
}

TEST(PngWriter, keeps_every_pixel_at_every_level) {
  const auto pixels = shapes(200, 100, 3);
  std::size_t last = pixels.size();
  for (int level : {1, 6, 12}) {
    const auto file = written({200, 100, 3, level, {}, {}}, pixels, 16);
    EXPECT_EQ(read_back(file), pixels) << level;
    EXPECT_LE(file.size(), last) << level;
    last = file.size();
  }
}

TEST(PngWriter, says_what_comes_with_the_picture) {
  const std::string profile = "a profile is any bytes here \x01\x02", exif = "MM any";
  const auto file = written({4, 4, 3, 1, profile, exif}, noise(48), 4);
  EXPECT_EQ(read_back(file), noise(48));
  EXPECT_NE(file.find("iCCPicc"), std::string::npos);
  EXPECT_NE(file.find("eXIfMM any"), std::string::npos);
  const auto bare = written({4, 4, 3, 1, {}, {}}, noise(48), 4);
  EXPECT_EQ(bare.find("iCCP"), std::string::npos);
  EXPECT_EQ(bare.find("eXIf"), std::string::npos);
}

// The sum of 65536 differences of 128 needs more than 16 bits, that of long rows more than 32.
TEST(PngFilter, adds_up_long_rows) {
  Pixels row(300'000, 128);
  Pixels filtered;
  PngFilter filter(row.size(), 1);
  filter.append(row.data(), filtered);
  EXPECT_EQ(filtered[0], 1);  // left of it the same: only the first byte remains
  filter.append(row.data(), filtered);
  EXPECT_EQ(filtered[row.size() + 1], 2) << "above it the same";
  EXPECT_EQ(
      std::count(filtered.begin() + 2 + static_cast<std::ptrdiff_t>(row.size()), filtered.end(), 0),
      static_cast<std::ptrdiff_t>(row.size()));
}

}  // namespace
}  // namespace tintype

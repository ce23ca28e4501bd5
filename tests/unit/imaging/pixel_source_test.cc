#include "imaging/pixel_source.h"

#include <gtest/gtest.h>

#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using pictures::changed;
using pictures::Encoding;
using pictures::Picture;

struct Read {
  std::unique_ptr<PixelSource> source;
  std::vector<std::uint8_t> pixels;
};

Result<Read> read_all(const std::string& file, SourceOptions options = {}) {
  start_vips_once();
  options.heif = test_heif();
  const MediaType type = TRY(sniff_source(file));
  Read read;
  read.source = TRY(open_source(type, file, options));
  const std::size_t stride = std::size_t{read.source->size().width} * read.source->bands();
  auto keep = [&](const std::uint8_t* row) {
    read.pixels.insert(read.pixels.end(), row, row + stride);
  };
  TRY(read.source->read(keep));
  return read;
}

Picture picture_from(const Read& read) {
  const auto& source = *read.source;
  VipsImage* image = vips_image_new_from_memory_copy(
      read.pixels.data(), read.pixels.size(), static_cast<int>(source.size().width),
      static_cast<int>(source.size().height), static_cast<int>(source.bands()), VIPS_FORMAT_UCHAR);
  image->Type = source.bands() == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  return pictures::decoded(pictures::written(Picture(image, g_object_unref), ".png"));
}

std::uint32_t bands_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::gray_jpeg:
    case Encoding::png_gray: return 1;
    case Encoding::png_alpha:
    case Encoding::png_gray_alpha:
    case Encoding::webp_alpha: return 4;
    default: return 3;
  }
}

TEST(PixelSource, gives_the_rows_of_every_kind_of_file) {
  for (Encoding encoding : pictures::all_encodings()) {
    const auto file = pictures::encoded(encoding, 53, 37);
    auto read = read_all(file);
    ASSERT_TRUE(read.ok()) << name_of(encoding) << ": " << read.error().detail;
    EXPECT_EQ(read->source->size(), (PixelSize{53, 37})) << name_of(encoding);
    EXPECT_EQ(read->source->frames(), 1u) << name_of(encoding);
    const bool gif = encoding == Encoding::gif || encoding == Encoding::gif_animated;
    if (!gif) {
      EXPECT_EQ(read->source->bands(), bands_of(encoding)) << name_of(encoding);
    }
    ASSERT_EQ(read->pixels.size(), std::size_t{53} * 37 * read->source->bands());
    const auto apart = pictures::distance(picture_from(*read), pictures::decoded(file));
    EXPECT_LT(apart.mean, 0.3) << name_of(encoding);
    EXPECT_LT(apart.most, 0.8) << name_of(encoding);
  }
}

TEST(PixelSource, reads_palettes_and_few_bits) {
  for (const char* suffix : {".png[palette,bitdepth=4]", ".png[palette,bitdepth=2]",
                             ".png[palette,bitdepth=1]", ".png[interlace]"}) {
    const auto file = pictures::written(pictures::scene(40, 30, 3), suffix);
    auto read = read_all(file);
    ASSERT_TRUE(read.ok()) << suffix;
    EXPECT_LT(pictures::distance(picture_from(*read), pictures::decoded(file)).most, 0.5) << suffix;
  }
  const auto lines = pictures::written(pictures::scene(40, 30, 1), ".png[bitdepth=1]");
  auto read = read_all(lines);
  ASSERT_TRUE(read.ok());
  EXPECT_LT(pictures::distance(picture_from(*read), pictures::decoded(lines)).most, 0.5);
}

TEST(PixelSource, reads_16_bits_of_gray_with_and_without_alpha) {
  for (int bands : {1, 2, 4}) {
    const auto space = bands < 3 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
    const auto wide = changed(pictures::scene(40, 30, bands), [&](VipsImage* in, VipsImage** out) {
      return vips_colourspace(in, out, space, nullptr);
    });
    const auto file = pictures::written(wide, ".png");
    auto read = read_all(file);
    ASSERT_TRUE(read.ok()) << bands;
    EXPECT_EQ(read->source->bands(), bands == 1 ? 1u : 4u);
    EXPECT_EQ(read->source->facts().has_alpha, bands != 1);
    EXPECT_LT(pictures::distance(picture_from(*read), pictures::decoded(file)).most, 0.8) << bands;
  }
}

TEST(PixelSource, reads_avif_of_more_bits_and_with_alpha) {
  for (const char* suffix : {".avif[Q=95,effort=0,bitdepth=10]", ".avif[Q=95,effort=0,bitdepth=12]",
                             ".avif[lossless,effort=0]"})
    for (int bands : {3, 4}) {
      const auto file = pictures::written(pictures::scene(40, 30, bands), suffix);
      auto read = read_all(file);
      ASSERT_TRUE(read.ok()) << suffix << bands;
      EXPECT_EQ(read->source->bands(), static_cast<std::uint32_t>(bands)) << suffix;
      EXPECT_LT(pictures::distance(picture_from(*read), pictures::decoded(file)).most, 0.8)
          << suffix << bands;
      EXPECT_LT(pictures::distance(picture_from(*read), pictures::scene(40, 30, bands)).mean, 3)
          << suffix << bands;
    }
}

TEST(PixelSource, gives_all_frames_when_asked) {
  SourceOptions options;
  options.all_frames = true;
  for (const auto& file : {samples::animated_gif(5, 20, 10), samples::animated_webp(5, 20, 10)}) {
    auto read = read_all(file, options);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->source->frames(), 5u);
    EXPECT_EQ(read->source->size(), (PixelSize{20, 10}));
    EXPECT_EQ(read->pixels.size(), std::size_t{20} * 10 * 5 * read->source->bands());
  }
}

TEST(PixelSource, shrinks_jpeg_alone) {
  start_vips_once();
  for (const auto& file : {samples::jpeg(101, 67), samples::progressive_jpeg(101, 67)}) {
    auto source = open_source(MediaType::jpeg, file, {});
    ASSERT_TRUE(source.ok());
    (*source)->shrink(4);
    EXPECT_EQ((*source)->size(), (PixelSize{26, 17}));
    EXPECT_EQ((*source)->facts().width, 101u);
    int rows = 0;
    EXPECT_TRUE((*source)->read([&](const std::uint8_t*) { ++rows; }).ok());
    EXPECT_EQ(rows, 17);
  }
  auto png = open_source(MediaType::png, samples::png(101, 67), {});
  ASSERT_TRUE(png.ok());
  (*png)->shrink(4);
  EXPECT_EQ((*png)->size(), (PixelSize{101, 67}));
}

TEST(PixelSource, reads_heic_as_displayed) {
  if (!test_heif()) GTEST_SKIP() << "no libheif with an HEVC decoder";
  auto read = read_all(samples::heic());
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->source->size(), (PixelSize{48, 64}));
  EXPECT_EQ(read->pixels.size(), std::size_t{48} * 64 * 3);
  EXPECT_FALSE(read->source->facts().exif.empty());
  auto without = open_source(MediaType::heic, samples::heic(), {});
  EXPECT_EQ(without.error().code, "unsupported_format");
}

// The decoder's own word counts, not only what the first header says.
TEST(PixelSource, holds_every_decoder_to_the_limits) {
  SourceOptions options;
  options.limits.max_pixels = 40 * 30 - 1;
  for (Encoding encoding : pictures::all_encodings())
    EXPECT_EQ(read_all(pictures::encoded(encoding, 40, 30), options).error().code,
              "too_many_pixels")
        << name_of(encoding);
  options.limits.max_pixels = 40 * 30;
  for (Encoding encoding : pictures::all_encodings())
    EXPECT_TRUE(read_all(pictures::encoded(encoding, 40, 30), options).ok()) << name_of(encoding);
}

TEST(PixelSource, holds_libjpeg_to_the_limits_when_it_sees_another_header) {
  start_vips_once();
  SourceOptions options;
  options.limits.max_pixels = 40 * 30 - 1;
  EXPECT_EQ(open_jpeg_source(samples::jpeg(40, 30), options).error().code, "too_many_pixels");
}

TEST(PixelSource, every_shorter_file_is_corrupt_or_shows_its_beginning) {
  for (Encoding encoding : pictures::all_encodings()) {
    const auto file = pictures::encoded(encoding, 53, 37);
    SourceOptions options;
    options.all_frames = true;
    for (std::size_t length = 12; length < file.size(); length += 1 + file.size() / 40) {
      auto read = read_all(file.substr(0, length), options);
      if (read.ok()) continue;
      const auto& code = read.error().code;
      ASSERT_TRUE(code == "corrupt_image" || code == "not_an_image" || code == "unsupported_format")
          << name_of(encoding) << " " << length << " " << code;
    }
  }
}

TEST(PixelSource, names_what_it_does_not_take) {
  EXPECT_EQ(read_all(samples::text()).error().code, "not_an_image");
  EXPECT_EQ(read_all(samples::svg()).error().code, "unsupported_format");
  EXPECT_EQ(read_all(samples::tiff()).error().code, "unsupported_format");
  EXPECT_EQ(read_all("").error().code, "not_an_image");
}

}  // namespace
}  // namespace tintype

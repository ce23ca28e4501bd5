#include "imaging/image_header.h"

#include <gtest/gtest.h>

#include "support/sample_images.h"

namespace tintype {
namespace {

using namespace std::string_literals;

constexpr std::uint64_t kMany = 1'000'000;

TEST(ImageHeader, reads_what_real_encoders_write) {
  ImageHeader still{65, 47, 1};
  EXPECT_EQ(*read_jpeg_header(samples::jpeg(65, 47)), still);
  EXPECT_EQ(*read_jpeg_header(samples::progressive_jpeg(65, 47)), still);
  EXPECT_EQ(*read_jpeg_header(samples::cmyk_jpeg(65, 47)), still);
  EXPECT_EQ(*read_jpeg_header(samples::with_exif(samples::jpeg(65, 47), {})), still);
  EXPECT_EQ(*read_png_header(samples::png(65, 47)), still);
  EXPECT_EQ(*read_gif_header(samples::gif(65, 47), kMany), still);
  EXPECT_EQ(*read_webp_header(samples::webp(65, 47), kMany), still);
  EXPECT_EQ(*read_webp_header(samples::lossless_webp(65, 47), kMany), still);
  EXPECT_EQ(*read_gif_header(samples::animated_gif(7, 65, 47), kMany), (ImageHeader{65, 47, 7}));
  EXPECT_EQ(*read_webp_header(samples::animated_webp(5, 65, 47), kMany), (ImageHeader{65, 47, 5}));
}

TEST(ImageHeader, counts_no_further_than_the_limit) {
  std::string gif = samples::many_frames_gif(5000);
  EXPECT_EQ(read_gif_header(gif, kMany)->frames, 5000u);
  EXPECT_EQ(read_gif_header(gif, 100)->frames, 101u);
  EXPECT_EQ(read_webp_header(samples::animated_webp(9), 3)->frames, 4u);
}

TEST(ImageHeader, a_jpeg_may_have_padding_and_garbage_before_its_frame) {
  std::string frame = "\xFF\xC0\0\x0B\x08\0\x30\0\x40\x01\x01\x11\0"s;
  EXPECT_EQ(*read_jpeg_header("\xFF\xD8"s + "\xFF\xFF\xFF\xE0\0\x04xy"s + "junk" + frame),
            (ImageHeader{64, 48, 1}));
  EXPECT_FALSE(read_jpeg_header("\xFF\xD8\xFF\xDA\0\x02"s + frame).ok()) << "scan before frame";
  EXPECT_FALSE(read_jpeg_header("\xFF\xD8\xFF\xE0\0\x01"s + frame).ok()) << "impossible length";
  EXPECT_FALSE(read_jpeg_header("\xFF\xD8\xFF\xC4\0\x0B\x08\0\x30\0\x40\x01\x01\x11\0"s).ok())
      << "a Huffman table is no frame";
}

TEST(ImageHeader, a_gif_screen_grows_to_its_first_picture) {
  std::string gif = "GIF89a\1\0\1\0\0\0\0"s + "\x2C\0\0\0\0\x10\0\x20\0\0\2\2\x44\1\0;"s;
  EXPECT_EQ(*read_gif_header(gif, kMany), (ImageHeader{16, 32, 1}));
  EXPECT_EQ(read_gif_header(gif.substr(0, gif.size() - 3), kMany).error().code, "corrupt_image");
  EXPECT_EQ(read_gif_header("GIF89a\1\0\1\0\0\0\0;"s, kMany).error().code, "corrupt_image");
}

// Every beginning of every sample either parses or is refused, within its bounds (the sanitizers
// watch).
TEST(ImageHeader, survives_every_truncation) {
  const std::string files[] = {
      samples::jpeg(16, 16), samples::png(16, 16),           samples::animated_gif(2, 16, 16),
      samples::webp(16, 16), samples::lossless_webp(16, 16), samples::animated_webp(2, 16, 16)};
  for (const auto& file : files)
    for (std::size_t size = 0; size < std::min<std::size_t>(file.size(), 2000); ++size) {
      std::string part(file, 0, size);
      part.shrink_to_fit();
      for (auto& result : {read_jpeg_header(part), read_png_header(part),
                           read_gif_header(part, kMany), read_webp_header(part, kMany)})
        ASSERT_TRUE(result.ok() || result.error().code == "corrupt_image");
    }
}

std::string checked(const ImageHeader& header, const Limits& limits) {
  auto result = check_limits(header, limits);
  return result.ok() ? "ok" : result.error().code;
}

TEST(CheckLimits, holds_at_the_edges) {
  Limits limits;
  EXPECT_EQ(checked({10'000, 10'000, 1}, limits), "ok");
  EXPECT_EQ(checked({10'000, 10'001, 1}, limits), "too_many_pixels");
  EXPECT_EQ(checked({32'768, 1, 1}, limits), "ok");
  EXPECT_EQ(checked({32'769, 1, 1}, limits), "too_many_pixels");
  EXPECT_EQ(checked({1, 32'769, 1}, limits), "too_many_pixels");
  EXPECT_EQ(checked({500, 500, 1000}, limits), "ok");
  EXPECT_EQ(checked({500, 501, 1000}, limits), "too_many_pixels");
  EXPECT_EQ(checked({1, 1, 1001}, limits), "too_many_frames");
  EXPECT_EQ(checked({0, 1, 1}, limits), "corrupt_image");
  EXPECT_EQ(checked({1, 0, 1}, limits), "corrupt_image");
  EXPECT_EQ(
      checked({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
              {.max_pixels = ~0ull, .max_total_pixels = ~0ull, .max_side = ~0u, .max_frames = ~0u}),
      "too_many_pixels")
      << "no overflow";
}

}  // namespace
}  // namespace tintype

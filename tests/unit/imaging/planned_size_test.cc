#include "imaging/planned_size.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/sample_images.h"

namespace tintype {
namespace {

using namespace std::string_literals;

std::string text(const std::optional<ImageFacts>& facts) {
  if (!facts) return "unknown";
  return std::string(media_type_name(facts->content_type)) + " " + std::to_string(facts->width) +
         "x" + std::to_string(facts->height);
}

std::string plan(std::string_view beginning, const Limits& limits = {}) {
  return text(planned_size(beginning, limits));
}

TEST(PlannedSize, is_what_the_header_claims) {
  EXPECT_EQ(plan(samples::jpeg(65, 47)), "image/jpeg 65x47");
  EXPECT_EQ(plan(samples::progressive_jpeg(65, 47)), "image/jpeg 65x47");
  EXPECT_EQ(plan(samples::png(65, 47)), "image/png 65x47");
  EXPECT_EQ(plan(samples::animated_gif(3, 65, 47)), "image/gif 65x47");
  EXPECT_EQ(plan(samples::webp(65, 47)), "image/webp 65x47");
  EXPECT_EQ(plan(samples::lossless_webp(65, 47)), "image/webp 65x47");
  EXPECT_EQ(plan(samples::animated_webp(3, 65, 47)), "image/webp 65x47");
  EXPECT_EQ(plan(samples::avif(65, 47)), "image/avif 65x47");
  EXPECT_NE(plan(samples::heic()), "unknown");
}

TEST(PlannedSize, needs_no_more_than_the_beginning) {
  EXPECT_EQ(plan(samples::png(65, 47).substr(0, 33)), "image/png 65x47");
  EXPECT_EQ(plan(samples::gif(65, 47).substr(0, 13)), "image/gif 65x47");
  EXPECT_EQ(plan(samples::animated_webp(3, 65, 47).substr(0, 30)), "image/webp 65x47");
}

TEST(PlannedSize, of_a_gif_grows_to_its_first_picture) {
  const auto gif = "GIF89a\1\0\1\0\0\0\0"s + "!\xFE\1x\0"s + "\x2C\0\0\0\0\x10\0\x20\0\0\2\2"s;
  EXPECT_EQ(plan(gif), "image/gif 16x32");
}

std::string ispe(std::uint32_t width, std::uint32_t height) {
  std::string box = "\0\0\0\x14ispe\0\0\0\0"s;
  for (std::uint32_t side : {width, height})
    for (int shift : {24, 16, 8, 0}) box += static_cast<char>(side >> shift);
  return box;
}

std::string avif_with(const std::string& boxes) {
  return "\0\0\0\x14"s + "ftypavif\0\0\0\0avif"s + boxes;
}

TEST(PlannedSize, of_an_avif_is_its_largest_item_within_the_limits) {
  EXPECT_EQ(plan(avif_with(ispe(512, 512) + ispe(4000, 3000) + ispe(100, 100))),
            "image/avif 4000x3000");
  EXPECT_EQ(plan(avif_with(ispe(4000, 3000) + ispe(60'000, 60'000))), "image/avif 4000x3000");
  EXPECT_EQ(plan(avif_with(ispe(0, 5))), "unknown");
  EXPECT_EQ(plan(avif_with(ispe(4000, 3000).substr(0, 19))), "unknown");
  EXPECT_EQ(plan(avif_with("ispeispeispe")), "unknown");
}

// What is refused by its header costs nothing worth planning for.
TEST(PlannedSize, beyond_the_limits_is_none) {
  EXPECT_EQ(plan(samples::huge_png()), "unknown");
  Limits limits;
  limits.max_side = 64;
  EXPECT_EQ(plan(samples::jpeg(65, 47), limits), "unknown");
}

TEST(PlannedSize, of_anything_else_is_unknown) {
  EXPECT_EQ(plan(""), "unknown");
  EXPECT_EQ(plan(samples::text()), "unknown");
  EXPECT_EQ(plan(samples::jpeg().substr(0, 20)), "unknown");
}

TEST(PlannedSize, looks_at_no_more_of_a_file_than_it_has_to) {
  const auto jpeg = samples::jpeg(65, 47);
  const auto comment = "\xFF\xFE\xFF\xFF"s + std::string(65533, 'x');
  std::string late = jpeg.substr(0, 2);
  for (int i = 0; i < 5; ++i) late += comment;
  late += jpeg.substr(2);
  auto of_file = [](const std::string& bytes) {
    const int fd = memfd_create("test image", MFD_CLOEXEC);
    EXPECT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    auto facts = planned_size(ImageSource{fd, bytes.size()}, {});
    close(fd);
    return text(facts);
  };
  EXPECT_EQ(of_file(jpeg), "image/jpeg 65x47");
  EXPECT_EQ(of_file(late), "unknown");
  EXPECT_EQ(plan(late), "image/jpeg 65x47");
  EXPECT_EQ(text(planned_size(ImageSource{-1, 100}, {})), "unknown");
}

// Every beginning of every sample is read within its bounds (the sanitizers watch).
TEST(PlannedSize, survives_every_truncation) {
  for (const auto& file : {samples::jpeg(16, 16), samples::png(16, 16), samples::webp(16, 16),
                           samples::animated_gif(2, 16, 16), samples::animated_webp(2, 16, 16),
                           samples::avif(16, 16), samples::heic()})
    for (std::size_t size = 0; size < std::min<std::size_t>(file.size(), 2000); ++size) {
      std::string part(file, 0, size);
      part.shrink_to_fit();
      (void)planned_size(part, {});
    }
}

}  // namespace
}  // namespace tintype

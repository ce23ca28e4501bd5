#include "imaging/file_end.h"

#include <gtest/gtest.h>

#include "support/sample_images.h"

namespace tintype {
namespace {

using namespace std::string_literals;

struct Sample {
  MediaType type;
  std::string bytes;
};

TEST(FileEnd, is_there_in_what_real_encoders_write) {
  const Sample complete[] = {{MediaType::jpeg, samples::jpeg()},
                             {MediaType::jpeg, samples::progressive_jpeg()},
                             {MediaType::jpeg, samples::with_exif(samples::cmyk_jpeg(), {})},
                             {MediaType::png, samples::p3_png()},
                             {MediaType::gif, samples::animated_gif(3)},
                             {MediaType::webp, samples::webp()},
                             {MediaType::webp, samples::animated_webp(3)},
                             {MediaType::avif, samples::avif()},
                             {MediaType::heic, samples::heic()}};
  for (const auto& [type, bytes] : complete) {
    EXPECT_FALSE(ends_early(type, bytes)) << media_type_name(type);
    EXPECT_TRUE(ends_early(type, std::string_view(bytes).substr(0, bytes.size() - 3)))
        << media_type_name(type);
  }
}

TEST(FileEnd, may_have_more_behind_it) {
  const Sample padded[] = {{MediaType::jpeg, samples::jpeg()},
                           {MediaType::png, samples::png()},
                           {MediaType::gif, samples::gif()},
                           {MediaType::webp, samples::webp()}};
  for (const auto& [type, bytes] : padded)
    EXPECT_FALSE(ends_early(type, bytes + "\0\0"s)) << media_type_name(type);
}

TEST(FileEnd, is_in_no_beginning_of_a_file) {
  const Sample small[] = {{MediaType::jpeg, samples::jpeg(16, 16)},
                          {MediaType::png, samples::png(16, 16)},
                          {MediaType::webp, samples::webp(16, 16)}};
  for (const auto& [type, bytes] : small)
    for (std::size_t size = 0; size < bytes.size() - 1; ++size)
      ASSERT_TRUE(ends_early(type, bytes.substr(0, size))) << media_type_name(type) << " " << size;
}

TEST(FileEnd, of_a_thumbnail_is_not_that_of_its_photo) {
  std::string segment = "\xFF\xE1\0\x06\xFF\xD9zz"s;
  EXPECT_TRUE(ends_early(MediaType::jpeg, "\xFF\xD8"s + segment));
  EXPECT_FALSE(ends_early(MediaType::jpeg, "\xFF\xD8"s + segment + "\xFF\xD9"));
}

TEST(FileEnd, of_boxes_is_told_by_their_sizes) {
  std::string head =
      "\0\0\0\x0C"
      "ftypavif"s;
  std::string large =
      "\0\0\0\1"
      "mdat"
      "\0\0\0\0"
      "\0\0\0\x12"
      "xx"s;
  EXPECT_FALSE(ends_early(MediaType::avif, head));
  EXPECT_FALSE(ends_early(MediaType::avif, head + large));
  EXPECT_TRUE(ends_early(MediaType::avif, (head + large).substr(0, head.size() + 17)));
  EXPECT_TRUE(ends_early(MediaType::avif, (head + large).substr(0, head.size() + 10)));
  EXPECT_FALSE(ends_early(MediaType::avif, head + "\0\0\0\0"
                                                  "mdat"s))
      << "to the file's end";
  EXPECT_FALSE(ends_early(MediaType::avif, head + "\0\0\0\2"
                                                  "mdat"s))
      << "no size at all";
  EXPECT_TRUE(ends_early(MediaType::avif, head + "\0"s));
}

}  // namespace
}  // namespace tintype

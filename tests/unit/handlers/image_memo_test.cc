#include "handlers/image_memo.h"

#include <gtest/gtest.h>

#include "support/image_builder.h"

namespace tintype::testing {
namespace {

const ImageView kView{"http://127.0.0.1:8080"};

std::string written(ImageMemo& memo, const ImageMetadata& image) {
  std::string out = "[";
  memo.append(out, image, kView);
  return out.substr(1);
}

std::string fresh(const ImageMetadata& image) {
  std::string out;
  append_image(out, image, kView);
  return out;
}

TEST(ImageMemo, AppendsWhatAppendImageWould) {
  ImageMemo memo(1 << 20);
  auto image = ImageBuilder().active().build();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(written(memo, image), fresh(image));
}

TEST(ImageMemo, AnotherRevisionIsWrittenAnew) {
  ImageMemo memo(1 << 20);
  auto image = ImageBuilder().active().build();
  (void)written(memo, image);
  image.filename = "other.jpg";
  EXPECT_NE(written(memo, image), fresh(image)) << "the memo was not used";
  ++image.revision;
  EXPECT_EQ(written(memo, image), fresh(image));
}

TEST(ImageMemo, KeepsToItsBoundAndForgetsTheOldest) {
  ImageMemo memo(20'000);
  std::vector<ImageMetadata> images;
  for (int i = 0; i < 50; ++i) images.push_back(ImageBuilder().active().build());
  for (const auto& image : images) EXPECT_EQ(written(memo, image), fresh(image));
  auto forgotten = images.front();
  forgotten.filename = "changed without a revision.jpg";
  EXPECT_EQ(written(memo, forgotten), fresh(forgotten));
  auto known = images.back();
  known.filename = forgotten.filename;
  EXPECT_NE(written(memo, known), fresh(known));
}

TEST(ImageMemo, MayBeOff) {
  ImageMemo memo(0);
  auto image = ImageBuilder().active().build();
  (void)written(memo, image);
  image.filename = "other.jpg";
  EXPECT_EQ(written(memo, image), fresh(image));
}

}  // namespace
}  // namespace tintype::testing

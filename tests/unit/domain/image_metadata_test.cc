#include "domain/image_metadata.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

Timestamp at_ms(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

TEST(ImageStatus, IsReadAsItIsWrittenButPurgingStaysInside) {
  for (auto status :
       {ImageStatus::processing, ImageStatus::active, ImageStatus::failed, ImageStatus::deleted})
    EXPECT_EQ(parse_status(status_name(status)), status);
  EXPECT_EQ(status_name(ImageStatus::purging), "purging");
  EXPECT_EQ(parse_status("purging"), std::nullopt);
  EXPECT_EQ(parse_status("Active"), std::nullopt);
}

TEST(Visibility, IsReadAsItIsWritten) {
  for (auto visibility : {Visibility::private_, Visibility::public_})
    EXPECT_EQ(parse_visibility(visibility_name(visibility)), visibility);
  EXPECT_EQ(parse_visibility("secret"), std::nullopt);
}

TEST(Usage, CountsWhatMayBeStored) {
  ImageMetadata image;
  image.size = 7;
  for (auto status :
       {ImageStatus::processing, ImageStatus::active, ImageStatus::deleted, ImageStatus::purging}) {
    image.status = status;
    EXPECT_EQ(usage_of(image), (Usage{1, 7}));
  }
  image.deleted_from = ImageStatus::failed;
  EXPECT_EQ(usage_of(image), Usage());
  image.deleted_from.reset();
  image.status = ImageStatus::failed;
  EXPECT_EQ(usage_of(image), Usage());
}

TEST(Index, HoldsActiveImages) {
  ImageMetadata image;
  EXPECT_FALSE(is_indexed(image));
  image.status = ImageStatus::active;
  EXPECT_TRUE(is_indexed(image));
}

TEST(DueAt, FollowsTheStatus) {
  ImageMetadata image;
  image.updated_at = at_ms(1);
  image.expires_at = at_ms(2);
  image.purge_at = at_ms(4);
  EXPECT_EQ(due_at(image), at_ms(2));
  image.lease_until = at_ms(3);
  EXPECT_EQ(due_at(image), at_ms(3));
  image.status = ImageStatus::deleted;
  EXPECT_EQ(due_at(image), at_ms(4));
  image.status = ImageStatus::purging;
  EXPECT_EQ(due_at(image), at_ms(1));
  for (auto status : {ImageStatus::active, ImageStatus::failed, static_cast<ImageStatus>(99)}) {
    image.status = status;
    EXPECT_EQ(due_at(image), std::nullopt);
  }
}

std::string key_for(std::string filename) {
  ImageMetadata image;
  image.image_id = *ImageId::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  image.user_id = "u1";
  image.filename = std::move(filename);
  return original_key(image);
}

TEST(Keys, AreMadeOfSafeCharacters) {
  const std::string folder = "originals/u1/017f22e2-79b0-7cc3-98c4-dc0c0c07398f/";
  EXPECT_EQ(key_for("a-B_1.jpg"), folder + "a-B_1.jpg");
  EXPECT_EQ(key_for("a b/c\\d:é.jpg"), folder + "a_b_c_d___.jpg");
  EXPECT_EQ(key_for(".."), folder + "image");
  EXPECT_EQ(key_for(""), folder + "image");
  EXPECT_EQ(key_for(std::string(100, 'x') + ".jpg"), folder + std::string(60, 'x') + ".jpg");
  auto id = *ImageId::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_EQ(incoming_key(id), "incoming/" + id.to_string());
  EXPECT_EQ(renditions_prefix(id), "renditions/" + id.to_string() + "/");
}

TEST(ImageFacts, AreAnimatedWithMoreThanOneFrame) {
  ImageFacts facts;
  EXPECT_FALSE(facts.animated());
  facts.frames = 2;
  EXPECT_TRUE(facts.animated());
}

}  // namespace
}  // namespace tintype

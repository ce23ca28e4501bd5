#include "adapters/aws/image_item.h"

#include <gtest/gtest.h>

#include "support/full_record.h"

namespace tintype::testing {

namespace {

using namespace dynamodb;

std::string json_of(const Item& item) {
  std::string out;
  JsonWriter json(out);
  write_item(json, item);
  return out;
}

TEST(ImageItem, GivesBackEveryMember) {
  for (const auto& image : {full_record(), ImageBuilder().build(), ImageBuilder().active().build(),
                            ImageBuilder().failed().build()}) {
    const auto item = parse_item(json_of(to_item(image, 16)));
    ASSERT_TRUE(item.ok());
    const auto back = to_image(*item);
    ASSERT_TRUE(back.ok()) << back.error().detail;
    EXPECT_EQ(*back, image);
  }
}

TEST(ImageItem, KeepsTheSecretStatusAndEmptyTexts) {
  ImageMetadata image = ImageBuilder().status(ImageStatus::purging).description("").build();
  image.s3_bucket = image.s3_key = "";
  EXPECT_EQ(to_image(to_item(image, 16)).value(), image);
}

TEST(ImageItem, HasTheKeysOfTheIndexes) {
  const ImageMetadata image = ImageBuilder().user("ann").build();
  const Item item = to_item(image, 16);
  const std::string id = image.image_id.to_string();
  EXPECT_EQ(text_of(item, "image_id"), id);
  EXPECT_EQ(text_of(item, "listed_at"), "2026-01-01T00:00:00.000Z#" + id);
  EXPECT_EQ(text_of(item, "user_status"), "ann#processing");
  EXPECT_EQ(text_of(item, "status_shard"),
            status_shard(ImageStatus::processing, shard_of(image.image_id, 16)));
  EXPECT_EQ(text_of(item, "due_at"), "2026-01-02T00:00:00.000Z#" + id);
  EXPECT_TRUE(text_of(item, "due_shard").starts_with("due#0"));
  const Item active = to_item(ImageBuilder().active().build(), 16);
  EXPECT_FALSE(active.contains("due_at") || active.contains("due_shard"));
}

TEST(ImageItem, ShardsAreEven) {
  std::map<std::string, int> count;
  for (int i = 0; i < 1600; ++i)
    ++count[status_shard(ImageStatus::active, shard_of(ImageBuilder().build().image_id, 16))];
  ASSERT_EQ(count.size(), 16u);
  EXPECT_TRUE(count.contains("active#07") && count.contains("active#15"));
  for (const auto& [shard, images] : count) EXPECT_GT(images, 50) << shard;
}

TEST(ImageItem, PlacesSortAsPositionsAndReadBack) {
  const ListPosition a = position_of(ImageBuilder().at(kTestEpoch).build()),
                     b = position_of(ImageBuilder().at(kTestEpoch + milliseconds(1)).build());
  EXPECT_LT(listed_at(a), listed_at(b));
  EXPECT_EQ(parse_listed_at(listed_at(a)).value(), a);
  for (const char* text : {"", "#", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z#x",
                           "x#0196f3d0-0000-7000-8000-000000000000"})
    EXPECT_TRUE(parse_listed_at(text).error().is(ErrorKind::internal)) << text;
}

class HostileItem : public ::testing::TestWithParam<std::pair<const char*, Value>> {};

TEST_P(HostileItem, IsAnErrorAndNoImage) {
  Item item = to_item(full_record(), 16);
  item[GetParam().first] = GetParam().second;
  const auto image = to_image(item);
  ASSERT_FALSE(image.ok());
  EXPECT_TRUE(image.error().is(ErrorKind::internal)) << image.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileItem,
    ::testing::Values(
        std::pair{"image_id", Value("x")}, std::pair{"image_id", Value(1)},
        std::pair{"user_id", Value("")}, std::pair{"status", Value("gone")},
        std::pair{"content_type", Value("text/html")}, std::pair{"size", Value(-1)},
        std::pair{"size", Value("12")}, std::pair{"revision", Value(0)},
        std::pair{"upload_timestamp", Value("yesterday")}, std::pair{"updated_at", Value(3)},
        std::pair{"purge_at", Value("2026-13-01T00:00:00Z")},
        std::pair{"variants", Value(List{"x"})},
        std::pair{"variants", Value(List{Item{{"content_type", "image/x"}}})},
        std::pair{"variants", Value(List{Item{{"content_type", "image/png"}, {"width", -1}}})},
        std::pair{"facts", Value(Item{{"content_type", "image/png"}, {"width", 5'000'000'000}})},
        std::pair{"facts", Value(Item{{"content_type", "image/png"}, {"orientation", 256}})},
        std::pair{"facts", Value(Item{{"content_type", "image/png"}, {"thumbhash", "%"}})},
        std::pair{"deleted_from", Value("nowhere")}));

TEST(ImageItem, AnEmptyItemIsNoImage) { EXPECT_FALSE(to_image({}).ok()); }

}  // namespace
}  // namespace tintype::testing

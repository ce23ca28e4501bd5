#include "adapters/aws/index_rows.h"

#include <gtest/gtest.h>

#include "adapters/aws/image_item.h"
#include "domain/hash_distance.h"
#include "support/image_builder.h"

namespace tintype::testing {
namespace {

using namespace dynamodb;

std::set<std::string> lists_of(const std::map<RowKey, Item>& rows) {
  std::set<std::string> lists;
  for (const auto& [key, row] : rows) lists.insert(key.list);
  return lists;
}

ImageBuilder sample() {
  return ImageBuilder().user("ann").tags({"sea", "sky"}).looks("0123456789abcdef").active();
}

TEST(IndexRows, OnlyActiveImagesHaveRows) {
  EXPECT_TRUE(rows_of(ImageBuilder().tags({"sea"}).build(), 16).empty());
  EXPECT_TRUE(rows_of(ImageBuilder().tags({"sea"}).failed().build(), 16).empty());
  EXPECT_TRUE(rows_of(ImageBuilder().tags({"sea"}).deleted(kTestEpoch).build(), 16).empty());
}

TEST(IndexRows, OneForEachTagContentAndBand) {
  const ImageMetadata image = sample().build();
  const auto rows = rows_of(image, 16);
  EXPECT_EQ(rows.size(), 2u + 1u + 1u + kHashBands);
  const auto lists = lists_of(rows);
  for (const std::string list : {"ann#sea", "ann#sky", "ann##hashes", "##hash:0:47", "##hash:10:0"})
    EXPECT_TRUE(lists.contains(list)) << list;
  EXPECT_TRUE(lists.contains("ann##sha256:" + *image.sha256));
  for (const auto& [key, row] : rows) {
    EXPECT_EQ(text_of(row, "list"), key.list);
    EXPECT_EQ(text_of(row, "listed_at"), listed_at(position_of(image)));
    EXPECT_EQ(text_of(row, "image_id"), image.image_id.to_string());
    EXPECT_EQ(number_of(row, "size"), 1000);
    EXPECT_EQ(row.contains("tag_shard"), key.list == "ann#sea" || key.list == "ann#sky");
  }
}

// The pigeonhole principle: ten bits cannot differ in eleven bands.
TEST(IndexRows, SimilarHashesShareABand) {
  SeededRandom random;
  for (int round = 0; round < 5000; ++round) {
    const std::uint64_t hash = random.next();
    std::uint64_t other = hash;
    for (int bit = 0; bit < kSimilarDistance; ++bit) other ^= 1ull << random.below(64);
    int shared = 0;
    for (int band = 0; band < kHashBands; ++band)
      shared += band_list_name(hash, band) == band_list_name(other, band);
    ASSERT_GE(shared, 1);
  }
}

TEST(IndexRows, TheBandsCoverEveryBitOnce) {
  for (int bit = 0; bit < 64; ++bit) {
    int changed = 0;
    for (int band = 0; band < kHashBands; ++band)
      changed += band_list_name(0, band) != band_list_name(1ull << bit, band);
    EXPECT_EQ(changed, 1) << bit;
  }
}

TEST(Consequences, AnInsertAndARemovalAreEachOthersOpposite) {
  const ImageMetadata image = sample().build();
  const auto in = consequences_of(nullptr, &image, 16), out = consequences_of(&image, nullptr, 16);
  EXPECT_EQ(in.put.size(), 15u);
  EXPECT_TRUE(in.gone.empty());
  EXPECT_EQ(in.counts.size(), 4u);
  EXPECT_EQ(in.images, 1);
  EXPECT_EQ(in.bytes, 1000);
  EXPECT_TRUE(out.put.empty());
  EXPECT_EQ(out.gone.size(), 15u);
  EXPECT_EQ(out.images, -1);
  EXPECT_EQ(out.bytes, -1000);
  for (const auto& [key, count] : out.counts) EXPECT_EQ(count, -in.counts.at(key));
}

TEST(Consequences, WhatListsDoNotShowHasNone) {
  const ImageMetadata before = sample().build();
  ImageMetadata after = before;
  after.description = "new";
  ++after.revision;
  EXPECT_TRUE(consequences_of(&before, &after, 16).none());
}

TEST(Consequences, ATagMoreChangesEveryRowButCountsOneTag) {
  const ImageMetadata before = sample().build();
  ImageMetadata after = before;
  after.tags = {"sea", "sun"};
  const auto change = consequences_of(&before, &after, 16);
  EXPECT_EQ(change.put.size(), 15u);  // rows carry all tags
  ASSERT_EQ(change.gone.size(), 1u);
  EXPECT_EQ(change.gone[0].list, "ann#sky");
  EXPECT_EQ(change.counts.at({"ann##counts", "sun"}), 1);
  EXPECT_EQ(change.counts.at({"ann##counts", "sky"}), -1);
  EXPECT_EQ(change.counts.size(), 4u);
  EXPECT_FALSE(change.touches_usage());
}

TEST(Consequences, NoItemIsTouchedTwice) {
  const ImageMetadata before = sample().build();
  ImageMetadata after = before;
  after.tags = {"sun", "sea", "moon"};
  after.facts->perceptual_hash = "ffff456789abcdef";
  const auto change = consequences_of(&before, &after, 16);
  std::set<RowKey> touched;
  for (const auto& row : change.put)
    EXPECT_TRUE(touched.insert({text_of(row, "list"), text_of(row, "listed_at")}).second);
  for (const auto& key : change.gone) EXPECT_TRUE(touched.insert(key).second);
  for (const auto& [key, count] : change.counts) EXPECT_TRUE(touched.insert(key).second);
}

TEST(Consequences, FailingGivesTheRoomBack) {
  const ImageMetadata before = ImageBuilder().build();
  ImageMetadata after = before;
  after.status = ImageStatus::failed;
  const auto change = consequences_of(&before, &after, 16);
  EXPECT_EQ(change.images, -1);
  EXPECT_EQ(change.bytes, -1000);
  EXPECT_TRUE(change.put.empty() && change.counts.empty());
}

}  // namespace
}  // namespace tintype::testing

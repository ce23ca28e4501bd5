#include "adapters/aws/seen_records.h"

#include <gtest/gtest.h>

#include "support/image_builder.h"

namespace tintype::testing {
namespace {

using dynamodb::SeenRecords;

TEST(SeenRecords, FindsOneRevisionAlone) {
  SeenRecords seen(10);
  ImageMetadata image = ImageBuilder().build();
  image.revision = 4;
  seen.keep(image);
  ASSERT_TRUE(seen.find(image.image_id, 4));
  EXPECT_EQ(*seen.find(image.image_id, 4), image);
  EXPECT_FALSE(seen.find(image.image_id, 3));
  EXPECT_FALSE(seen.find(image.image_id, 5));
  EXPECT_FALSE(seen.find(ImageBuilder().build().image_id, 4));
}

TEST(SeenRecords, KeepsTheNewestRevision) {
  SeenRecords seen(10);
  ImageMetadata image = ImageBuilder().build();
  for (int revision : {2, 3, 1}) {
    image.revision = revision;
    seen.keep(image);
  }
  EXPECT_TRUE(seen.find(image.image_id, 3));
  EXPECT_FALSE(seen.find(image.image_id, 1));
}

TEST(SeenRecords, ForgetsTheOldestAndWhatItIsTold) {
  SeenRecords seen(2);
  const ImageMetadata a = ImageBuilder().build(), b = ImageBuilder().build(),
                      c = ImageBuilder().build();
  seen.keep(a);
  seen.keep(b);
  seen.keep(a);  // seen again: b is the oldest now
  seen.keep(c);
  EXPECT_TRUE(seen.find(a.image_id, 1));
  EXPECT_FALSE(seen.find(b.image_id, 1));
  seen.forget(a.image_id);
  seen.forget(a.image_id);
  EXPECT_FALSE(seen.find(a.image_id, 1));
  EXPECT_TRUE(seen.find(c.image_id, 1));
}

TEST(SeenRecords, AFoundRecordOutlivesItsPlace) {
  SeenRecords seen(1);
  const ImageMetadata a = ImageBuilder().build();
  seen.keep(a);
  const auto found = seen.find(a.image_id, 1);
  seen.keep(ImageBuilder().build());
  EXPECT_EQ(*found, a);
}

TEST(SeenRecords, MayHoldNothing) {
  SeenRecords seen(0);
  const ImageMetadata a = ImageBuilder().build();
  seen.keep(a);
  EXPECT_FALSE(seen.find(a.image_id, 1));
}

}  // namespace
}  // namespace tintype::testing

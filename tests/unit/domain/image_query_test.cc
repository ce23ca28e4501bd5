#include "domain/image_query.h"

#include <gtest/gtest.h>

#include <functional>

namespace tintype {
namespace {

Timestamp at_ms(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

ImageMetadata image() {
  ImageMetadata image;
  image.user_id = "alice";
  image.content_type = MediaType::png;
  image.size = 100;
  image.status = ImageStatus::active;
  image.tags = {"sea", "sun"};
  image.upload_timestamp = at_ms(1000);
  return image;
}

bool matches_when(const std::function<void(ImageQuery&)>& filter) {
  ImageQuery query;
  filter(query);
  return matches(query, image());
}

TEST(ImageQuery, EachFilterDecides) {
  EXPECT_TRUE(matches_when([](ImageQuery&) {}));
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.user_id = "alice"; }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.user_id = "Alice"; }));
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.content_type = MediaType::png; }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.content_type = MediaType::gif; }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.status = ImageStatus::deleted; }));
}

TEST(ImageQuery, BoundsAreInclusive) {
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.start_date = at_ms(1000); }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.start_date = at_ms(1001); }));
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.end_date = at_ms(1000); }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.end_date = at_ms(999); }));
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.min_size = 100; }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.min_size = 101; }));
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.max_size = 100; }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.max_size = 99; }));
}

TEST(ImageQuery, TagsMatchAllOrAny) {
  EXPECT_TRUE(matches_when([](ImageQuery& q) { q.tags = {"sun", "sea"}; }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) { q.tags = {"sun", "ice"}; }));
  EXPECT_TRUE(matches_when([](ImageQuery& q) {
    q.tags = {"sun", "ice"};
    q.tags_match = TagsMatch::any;
  }));
  EXPECT_FALSE(matches_when([](ImageQuery& q) {
    q.tags = {"ice"};
    q.tags_match = TagsMatch::any;
  }));
}

TEST(ImageQuery, PositionsAreOrderedByTimeThenId) {
  ImageMetadata first = image();
  ImageMetadata second = image();
  second.image_id = *ImageId::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_LT(position_of(first), position_of(second));
  first.upload_timestamp = at_ms(1001);
  EXPECT_GT(position_of(first), position_of(second));
}

}  // namespace
}  // namespace tintype

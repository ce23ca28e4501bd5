#include "domain/cursor.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tintype {
namespace {

const std::string kSecret(32, 's');

ListPosition position() {
  return {Timestamp(milliseconds(1795334400123)),
          *ImageId::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")};
}

ImageQuery filtered() {
  ImageQuery query;
  query.user_id = "alice";
  query.tags = {"beach", "sun"};
  query.content_type = MediaType::png;
  query.start_date = Timestamp(milliseconds(1));
  query.end_date = Timestamp(milliseconds(2));
  query.min_size = 3;
  query.max_size = 4;
  query.words = "sea";
  query.similar_to = SimilarTo{position().image_id, 5};
  return query;
}

bool is_refused(const ImageQuery& query, std::string_view text, std::string_view secret = kSecret) {
  auto result = decode_cursor(query, text, secret);
  return !result.ok() && result.error().is(ErrorKind::invalid) &&
         result.error().is("invalid_cursor");
}

TEST(Cursor, ComesBackAsItWas) {
  for (const ImageQuery& query : {ImageQuery(), filtered()}) {
    std::string text = encode_cursor(query, position(), kSecret);
    auto back = decode_cursor(query, text, kSecret);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, position());
  }
  ListPosition early{Timestamp(milliseconds(-5)), position().image_id};
  EXPECT_EQ(*decode_cursor({}, encode_cursor({}, early, kSecret), kSecret), early);
}

TEST(Cursor, NeedsNoEscapingInAUrl) {
  std::string text = encode_cursor(filtered(), position(), kSecret);
  EXPECT_EQ(percent_encode(text), text);
}

TEST(Cursor, AnyAlteredBitIsRefused) {
  std::string text = encode_cursor(filtered(), position(), kSecret);
  std::string bytes = *base64url_decode(text);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string other = bytes;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_TRUE(is_refused(filtered(), base64url_encode(other))) << bit;
  }
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_TRUE(is_refused(filtered(), other)) << bit;
  }
}

TEST(Cursor, AnyOtherLengthIsRefused) {
  std::string text = encode_cursor({}, position(), kSecret);
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_TRUE(is_refused({}, text.substr(0, size))) << size;
  for (std::string_view more : {"A", "AA", "=", "==", "AAAA", " "})
    ASSERT_TRUE(is_refused({}, text + std::string(more))) << more;
  EXPECT_TRUE(is_refused({}, "not a cursor"));
}

TEST(Cursor, OtherFiltersAreRefused) {
  std::vector<ImageQuery> others(13, filtered());
  others[0].user_id = "bob";
  others[1].user_id.reset();
  others[2].tags = {"beach"};
  others[3].tags_match = TagsMatch::any;
  others[4].content_type = MediaType::jpeg;
  others[5].start_date.reset();
  others[6].end_date = Timestamp(milliseconds(3));
  others[7].status = ImageStatus::deleted;
  others[8].min_size = 4;
  others[9].max_size.reset();
  others[10].words = "seas";
  others[11].sort = SortOrder::oldest;
  others[12].tags = {"beachs", "un"};
  std::string text = encode_cursor(filtered(), position(), kSecret);
  for (std::size_t i = 0; i < others.size(); ++i) {
    EXPECT_TRUE(is_refused(others[i], text)) << i;
    EXPECT_TRUE(is_refused(filtered(), encode_cursor(others[i], position(), kSecret))) << i;
  }
}

TEST(Cursor, LimitAndOrderOfTagsPlayNoPart) {
  ImageQuery other = filtered();
  other.limit = 7;
  other.after = position();
  other.tags = {"sun", "beach"};
  EXPECT_TRUE(decode_cursor(other, encode_cursor(filtered(), position(), kSecret), kSecret).ok());
}

TEST(Cursor, OtherSecretsAreRefused) {
  std::string text = encode_cursor({}, position(), kSecret);
  EXPECT_TRUE(is_refused({}, text, std::string(32, 't')));
}

// Rightly signed, but for an id that is none: what another version of the service could have made.
TEST(Cursor, AnIdThatIsNoneIsRefused) {
  ListPosition nowhere{Timestamp(), ImageId()};
  EXPECT_TRUE(is_refused({}, encode_cursor({}, nowhere, kSecret)));
}

}  // namespace
}  // namespace tintype

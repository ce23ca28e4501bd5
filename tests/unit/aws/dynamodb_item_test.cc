#include "adapters/aws/dynamodb_item.h"

#include <gtest/gtest.h>

namespace tintype::dynamodb {
namespace {

std::string written(const Item& item) {
  std::string out;
  JsonWriter json(out);
  write_item(json, item);
  return out;
}

TEST(DynamoDbItem, WritesEachTypeByItsName) {
  EXPECT_EQ(
      written({{"a", "x\"y"},
               {"b", 12},
               {"c", true},
               {"d", List{"e", -1}},
               {"f", Item{{"g", StringSet{"h", "i"}}}}}),
      R"({"a":{"S":"x\"y"},"b":{"N":"12"},"c":{"BOOL":true},"d":{"L":[{"S":"e"},{"N":"-1"}]},)"
      R"("f":{"M":{"g":{"SS":["h","i"]}}}})");
}

TEST(DynamoDbItem, ReadsWhatItWrites) {
  const Item item{{"empty", ""},
                  {"text", std::string("\0\x01 \xF0\x9F\x99\x82", 7)},
                  {"least", std::int64_t{INT64_MIN}},
                  {"most", std::int64_t{INT64_MAX}},
                  {"no", false},
                  {"list", List{List{}, Item{}, "x"}},
                  {"set", StringSet{"b", "a"}}};
  const auto read = parse_item(written(item));
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(*read, item);
}

class UnreadableItem : public ::testing::TestWithParam<const char*> {};

TEST_P(UnreadableItem, IsAnInternalError) {
  const auto read = parse_item(GetParam());
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(read.error().is(ErrorKind::internal));
}

INSTANTIATE_TEST_SUITE_P(
    All, UnreadableItem,
    ::testing::Values("", "[]", "{", R"({"a":1})", R"({"a":{}})", R"({"a":{"S":1}})",
                      R"({"a":{"S":"x","N":"1"}})", R"({"a":{"N":"1.5"}})", R"({"a":{"N":""}})",
                      R"({"a":{"N":"-"}})", R"({"a":{"N":"1E3"}})", R"({"a":{"N":1}})",
                      // One more than 64 bits hold: not 0.
                      R"({"a":{"N":"9223372036854775808"}})", R"({"a":{"BOOL":"true"}})",
                      R"({"a":{"L":{}}})", R"({"a":{"SS":[1]}})", R"({"a":{"SS":"x"}})",
                      R"({"a":{"M":[]}})", R"({"a":{"NULL":true}})", R"({"a":{"B":"eA=="}})"));

TEST(DynamoDbItem, NestingHasAnEnd) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += R"({"a":{"M":)";
  EXPECT_FALSE(parse_item(deep).ok());
}

TEST(DynamoDbItem, FindsMembersOfTheRightTypeAlone) {
  const Item item{{"text", "x"}, {"number", 3}};
  EXPECT_EQ(text_of(item, "text"), "x");
  EXPECT_EQ(text_of(item, "number"), "");
  EXPECT_EQ(number_of(item, "number"), 3);
  EXPECT_EQ(number_of(item, "text"), std::nullopt);
  EXPECT_EQ(number_of(item, "nothing"), std::nullopt);
}

}  // namespace
}  // namespace tintype::dynamodb

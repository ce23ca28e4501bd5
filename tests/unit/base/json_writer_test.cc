#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace tintype {
namespace {

using namespace std::string_literals;

TEST(JsonWriter, PlacesCommas) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("a").number(1).key("b").begin_array().number(1).string("x").null();
  json.begin_object().end_object().begin_array().end_array().end_array();
  json.key("c").boolean(true).key("d").boolean(false).key("e").begin_object();
  json.key("f").raw("[1,2]").key("g").number(2).end_object().key("h").null().end_object();
  EXPECT_EQ(out, R"({"a":1,"b":[1,"x",null,{},[]],"c":true,"d":false,)"
                 R"("e":{"f":[1,2],"g":2},"h":null})");
}

TEST(JsonWriter, WritesExtremes) {
  std::string out;
  JsonWriter json(out);
  json.begin_array().number(std::numeric_limits<std::int64_t>::min());
  json.number(std::numeric_limits<std::uint64_t>::max()).time(Timestamp(milliseconds(1)));
  json.end_array();
  EXPECT_EQ(out, R"([-9223372036854775808,18446744073709551615,"1970-01-01T00:00:00.001Z"])");
}

TEST(JsonString, EscapesWhatItMust) {
  std::string out;
  append_json_string(out, "a\"\\/\n\r\t\b\x1f\x7f ü\0z"s);
  EXPECT_EQ(out, "\"a\\\"\\\\/\\n\\r\\t\\u0008\\u001f\x7f ü\\u0000z\"");
  out.clear();
  append_json_string(out, "");
  EXPECT_EQ(out, "\"\"");
}

}  // namespace
}  // namespace tintype

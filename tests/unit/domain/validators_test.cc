#include "domain/validators.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tintype {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

template <typename T>
std::string code_of(const Result<T>& result) {
  return result.ok() ? "ok" : result.error().code;
}

TEST(UserId, TakesTheContractsCharacters) {
  EXPECT_EQ(*validate_user_id("a"), "a");
  EXPECT_EQ(*validate_user_id("Alice.B_c@example-1.org:x"), "Alice.B_c@example-1.org:x");
  EXPECT_TRUE(validate_user_id(std::string(128, 'x')).ok());
  EXPECT_TRUE(validate_user_id("...").ok());
  for (int c = 0; c < 256; ++c) {
    bool allowed = std::isalnum(c) || (c != 0 && std::strchr("._@:-", c) != nullptr);
    std::string id = "a" + std::string(1, static_cast<char>(c));
    EXPECT_EQ(validate_user_id(id).ok(), allowed) << c;
  }
}

TEST(UserId, RefusesTheRest) {
  for (const auto& id : {""s, std::string(129, 'x'), "a b"s, "a/b"s, "."s, ".."s, "ü"s, "a\0"s})
    EXPECT_EQ(code_of(validate_user_id(id)), "invalid_user_id") << id;
}

TEST(ContentType, IsOneOfTheAccepted) {
  EXPECT_EQ(*validate_content_type("IMAGE/JPEG; q=1"), MediaType::jpeg);
  EXPECT_EQ(code_of(validate_content_type("text/plain")), "unsupported_content_type");
  EXPECT_EQ(code_of(validate_content_type("")), "unsupported_content_type");
}

TEST(FileSize, IsFromOneByteToTheLimit) {
  EXPECT_EQ(*validate_file_size(1, 10), 1u);
  EXPECT_EQ(*validate_file_size(10, 10), 10u);
  EXPECT_EQ(code_of(validate_file_size(11, 10)), "file_too_large");
  EXPECT_EQ(code_of(validate_file_size(0, 10)), "invalid_size");
  EXPECT_EQ(code_of(validate_file_size(-1, 10)), "invalid_size");
  EXPECT_EQ(code_of(validate_file_size(INT64_MIN, 10)), "invalid_size");
  EXPECT_EQ(code_of(validate_file_size(INT64_MAX, 10)), "file_too_large");
}

TEST(Sha256Text, IsLowerCased) {
  std::string lower = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  std::string upper = lower;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(*validate_sha256(upper), lower);
  for (const auto& bad :
       {""s, lower.substr(2), lower + "00", lower.substr(1), "zz" + lower.substr(2)})
    EXPECT_EQ(code_of(validate_sha256(bad)), "invalid_sha256") << bad;
}

TEST(Description, CountsCharactersNotBytes) {
  EXPECT_EQ(*validate_description(""), "");
  EXPECT_EQ(*validate_description("Two\nlines"), "Two\nlines");
  std::string longest;
  for (int i = 0; i < 2200; ++i) longest += "日";
  EXPECT_TRUE(validate_description(longest).ok());
  EXPECT_EQ(code_of(validate_description(longest + "x")), "invalid_description");
  EXPECT_EQ(code_of(validate_description("a\0b"s)), "invalid_description");
  EXPECT_EQ(code_of(validate_description("\xC3")), "invalid_description");
}

TEST(Metadata, IsMadeCompactAndOtherwiseLeftAlone) {
  EXPECT_EQ(*validate_metadata("{}"), "{}");
  EXPECT_EQ(*validate_metadata("\t{ \"b\" : [ 1.50 , 12345678901234567890123 ] ,\r\n"
                               " \"a\" : \"x  \\\" : \\\\\" , \"c\" : null }"),
            "{\"b\":[1.50,12345678901234567890123],\"a\":\"x  \\\" : \\\\\",\"c\":null}");
}

TEST(Metadata, MustBeAnObject) {
  for (std::string_view text :
       {"", "[]", "1", "null", "\"x\"", "{", "{}{}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
        "{\"a\":\"\xC3\"}", "{\"a\":\"\n\"}", "{\"a\":01}", "{\"a\":\"\\ud800\"}", "{} // note"})
    EXPECT_EQ(code_of(validate_metadata(text)), "invalid_metadata") << text;
  EXPECT_EQ(code_of(validate_metadata("{\"a\":1\0}"sv)), "invalid_metadata");
}

TEST(Metadata, NumbersAreFinite) {
  EXPECT_TRUE(validate_metadata(R"({"a":[1e308,-0,1e-400]})").ok());
  for (auto text : {R"({"a":1e400})", R"({"a":[{"b":-1e309}]})"})
    EXPECT_EQ(code_of(validate_metadata(text)), "invalid_metadata") << text;
}

TEST(Metadata, IsAtMostFiveDeep) {
  EXPECT_TRUE(validate_metadata(R"({"a":{"b":{"c":{"d":1}}}})").ok());
  EXPECT_TRUE(validate_metadata(R"({"a":{"b":{"c":{"d":{}}}}})").ok());
  EXPECT_EQ(code_of(validate_metadata(R"({"a":{"b":{"c":{"d":{"e":{}}}}}})")), "metadata_too_deep");
  EXPECT_EQ(code_of(validate_metadata(R"({"a":[[[[[]]]]]})")), "metadata_too_deep");
  std::string bomb = "{\"a\":" + std::string(500000, '[');
  EXPECT_EQ(code_of(validate_metadata(bomb)), "metadata_too_deep");
}

TEST(Metadata, IsAtMost16KiB) {
  std::string value(kMaxMetadataBytes - 8, 'x');
  EXPECT_EQ(validate_metadata("{\"a\":\"" + value + "\"}")->size(), kMaxMetadataBytes);
  EXPECT_EQ(code_of(validate_metadata("{\"a\":\"" + value + "x\"}")), "metadata_too_large");
  EXPECT_TRUE(validate_metadata("{\"a\": \"" + value + "\"}").ok()) << "white space is not counted";
  EXPECT_EQ(code_of(validate_metadata("{}" + std::string(kMaxJsonBodyBytes, ' '))),
            "metadata_too_large");
}

TEST(ImageFile, IsKnownByItsBytes) {
  EXPECT_EQ(*validate_image_file("\xFF\xD8\xFF\xE0"), MediaType::jpeg);
  auto tiff = validate_image_file("II*\0\x08\0\0\0"sv);
  EXPECT_EQ(code_of(tiff), "unsupported_format");
  EXPECT_EQ(tiff.error().kind, ErrorKind::unprocessable);
  EXPECT_NE(tiff.error().detail.find("a TIFF file"), std::string::npos);
  auto text = validate_image_file("Dear reader");
  EXPECT_EQ(code_of(text), "not_an_image");
  EXPECT_EQ(text.error().kind, ErrorKind::unprocessable);
  EXPECT_EQ(code_of(validate_image_file("")), "not_an_image");
}

TEST(Dates, ADateAloneIsTheWholeDay) {
  EXPECT_EQ(format_rfc3339(*parse_start_date("2026-11-22T08:00:00.5")), "2026-11-22T08:00:00.500Z");
  EXPECT_EQ(format_rfc3339(*parse_start_date("2026-11-22")), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(*parse_end_date("2026-11-22")), "2026-11-22T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(*parse_end_date("9999-12-31")), "9999-12-31T23:59:59.999Z");
  for (std::string_view time : {"2026-11-22T08:00:00Z", "2026-11-22t10:00:00+02:00"}) {
    EXPECT_EQ(format_rfc3339(*parse_start_date(time)), "2026-11-22T08:00:00.000Z");
    EXPECT_EQ(*parse_end_date(time), *parse_start_date(time));
  }
  for (std::string_view bad : {"", "yesterday", "2026-02-30", "2026-11-22T", "22.11.2026"}) {
    EXPECT_EQ(code_of(parse_start_date(bad)), "invalid_time") << bad;
    EXPECT_EQ(code_of(parse_end_date(bad)), "invalid_time") << bad;
  }
}

TEST(IdempotencyKey, IsVisibleAscii) {
  EXPECT_EQ(*validate_idempotency_key("!a~"), "!a~");
  EXPECT_TRUE(validate_idempotency_key(std::string(255, 'k')).ok());
  for (const auto& bad : {""s, std::string(256, 'k'), "a b"s, "\x7F"s, "é"s, "a\0"s, "\t"s})
    EXPECT_EQ(code_of(validate_idempotency_key(bad)), "invalid_idempotency_key") << bad;
}

TEST(CountCharacters, CountsCodePoints) {
  EXPECT_EQ(count_characters(""), 0u);
  EXPECT_EQ(count_characters("aü日\U0001F600"), 4u);
}

}  // namespace
}  // namespace tintype

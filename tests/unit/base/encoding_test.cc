#include "base/encoding.h"

#include <gtest/gtest.h>

#include <random>

namespace tintype {
namespace {

using namespace std::string_literals;

std::string random_text(std::mt19937& random, std::size_t max_size) {
  std::string bytes(random() % (max_size + 1), '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

TEST(Hex, KnownValues) {
  EXPECT_EQ(hex_encode(""), "");
  EXPECT_EQ(hex_encode("\x00\xff\x1a"s), "00ff1a");
  EXPECT_EQ(*hex_decode("00fF1A"), "\x00\xff\x1a"s);
  for (std::string_view bad : {"0", "0g", "g0", "0x", " 0", "-1"})
    EXPECT_FALSE(hex_decode(bad).ok()) << bad;
}

// RFC 4648 §10.
TEST(Base64, PublishedVectors) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(*base64_decode(text), bytes);
  }
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

TEST(Base64, IsStrict) {
  for (std::string_view bad : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v\n", "Zm 9",
                               "Zh==", "Zm9=", "-_8=", "Zg==Zg=="})
    EXPECT_FALSE(base64_decode(bad).ok()) << bad;
  for (std::string_view bad : {"Z", "Zg==", "Zh", "Zm9", "+/8", "Zm9v "})
    EXPECT_FALSE(base64url_decode(bad).ok()) << bad;
}

TEST(Percent, KnownValues) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/ü+"), "a%20b%2F%C3%BC%2B");
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
  EXPECT_EQ(*percent_decode("a%20b%2f+"), "a b/+");
  EXPECT_EQ(*percent_decode("a+b%2B", true), "a b+");
  EXPECT_EQ(*percent_decode("%00"), "\0"s);
  for (std::string_view bad : {"%", "%2", "a%2", "%zz", "%2g", "%%20"})
    EXPECT_FALSE(percent_decode(bad).ok()) << bad;
}

TEST(Encodings, DecodeWhatTheyEncode) {
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = random_text(random, 70);
    ASSERT_EQ(*hex_decode(hex_encode(bytes)), bytes);
    ASSERT_EQ(*base64_decode(base64_encode(bytes)), bytes);
    ASSERT_EQ(*base64url_decode(base64url_encode(bytes)), bytes);
    ASSERT_EQ(*percent_decode(percent_encode(bytes)), bytes);
    ASSERT_EQ(*percent_decode(percent_encode(bytes, true)), bytes);
  }
}

// There is one text for each byte string: what decodes encodes to the same text again.
TEST(Encodings, HaveOneTextForEachValue) {
  std::mt19937 random(3);
  constexpr std::string_view kAlphabet = "ABab01+/-_=Zz9 ";
  int decoded = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text(random() % 9, '\0');
    for (char& c : text) c = kAlphabet[random() % kAlphabet.size()];
    if (auto bytes = base64_decode(text); bytes.ok()) {
      ASSERT_EQ(base64_encode(*bytes), text);
      ++decoded;
    }
    if (auto bytes = base64url_decode(text); bytes.ok()) {
      ASSERT_EQ(base64url_encode(*bytes), text);
    }
  }
  EXPECT_GT(decoded, 1000);
}

TEST(Utf8, AcceptsWellFormedText) {
  for (std::string_view text : {"", "abc", "ü", "日本", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF",
                                "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"})
    EXPECT_TRUE(is_valid_utf8(text)) << hex_encode(text);
  EXPECT_TRUE(is_valid_utf8("\0"s));
}

TEST(Utf8, RefusesIllFormedText) {
  for (std::string_view text : {"\x80",
                                "\xBF",
                                "\xC0\x80",
                                "\xC1\xBF",
                                "\xC3",
                                "\xC3\x28",
                                "\xE0\x80\x80",
                                "\xE0\x9F\xBF",
                                "\xE2\x82",
                                "\xE2\x28\xA1",
                                "\xED\xA0\x80",
                                "\xED\xBF\xBF",
                                "\xF0\x80\x80\x80",
                                "\xF0\x8F\xBF\xBF",
                                "\xF0\x9F\x98",
                                "\xF4\x90\x80\x80",
                                "\xF5\x80\x80\x80",
                                "\xFF",
                                "a\xFE",
                                "\xF0\x9F\x28\x80",
                                "\xF0\x9F\x98\x28"})
    EXPECT_FALSE(is_valid_utf8(text)) << hex_encode(text);
}

}  // namespace
}  // namespace tintype

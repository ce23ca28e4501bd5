#include <gtest/gtest.h>

#include <random>

#include "base/encoding.h"
#include "base/unicode.h"
#include "domain/validators.h"

namespace tintype {
namespace {

std::string tag_or_code(std::string_view text) {
  auto tag = normalize_tag(text);
  return tag.ok() ? *tag : "!" + tag.error().code;
}

TEST(Tag, IsTrimmedAndLowerCased) {
  EXPECT_EQ(tag_or_code("Sunset"), "sunset");
  EXPECT_EQ(tag_or_code("  #Sun_Set-2026 "), "sun_set-2026");
  EXPECT_EQ(tag_or_code("## beach"), "beach");
  EXPECT_EQ(tag_or_code("MÜNCHEN"), "münchen");
  EXPECT_EQ(tag_or_code("ΑΘΗΝΑ"), "αθηνα");
  EXPECT_EQ(tag_or_code("МОСКВА"), "москва");
  EXPECT_EQ(tag_or_code("東京"), "東京");
  EXPECT_EQ(tag_or_code("\u3000日本\u3000"), "日本");
  EXPECT_EQ(tag_or_code("٣٤"), "٣٤");
  EXPECT_EQ(tag_or_code("-_"), "-_");
}

TEST(Tag, KeepsMarksAfterLetters) {
  EXPECT_EQ(tag_or_code("हिन्दी"), "हिन्दी");
  EXPECT_EQ(tag_or_code("ภาษาไทย"), "ภาษาไทย");
  EXPECT_EQ(tag_or_code("e\u0301t\u00E9"), "e\u0301t\u00E9");
  EXPECT_EQ(tag_or_code("\u0301e"), "!invalid_tag");
  EXPECT_EQ(tag_or_code("_\u0301"), "!invalid_tag");
}

TEST(Tag, RefusesTheRest) {
  for (std::string_view text :
       {"", " ", "#", "# ", "a b", "a,b", "a.b", "a/b", "a#b", "😀", "a\u200B", "a\u202E", "a\uFE0F",
        "\u3164", "\xC3", "a\n b", "<b>", "a\x01"})
    EXPECT_EQ(tag_or_code(text), "!invalid_tag") << text;
  EXPECT_EQ(tag_or_code(std::string_view("a\0b", 3)), "!invalid_tag");
}

TEST(Tag, HasAtMostFiftyCharacters) {
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "Ä";
  EXPECT_EQ(count_characters(tag_or_code(fifty)), 50u);
  EXPECT_EQ(tag_or_code(fifty + "a"), "!invalid_tag");
  EXPECT_EQ(tag_or_code(std::string(1000000, 'a')), "!invalid_tag");
}

// What comes out passes again unchanged, and is well-formed, whatever went in.
TEST(Tag, NormalisingTwiceIsNormalisingOnce) {
  std::mt19937 random(4);
  int accepted = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text;
    for (unsigned n = random() % 4; n > 0; --n) {
      char32_t c = random() % (random() % 2 == 0 ? 0x3000 : 0x20000);
      if (c < 0xD800 || c > 0xDFFF) append_utf8(text, c);
    }
    auto once = normalize_tag(text);
    if (!once.ok()) continue;
    ++accepted;
    ASSERT_TRUE(is_valid_utf8(*once));
    auto twice = normalize_tag(*once);
    ASSERT_TRUE(twice.ok()) << hex_encode(text);
    ASSERT_EQ(*twice, *once) << hex_encode(text);
  }
  EXPECT_GT(accepted, 10000);
}

TEST(Tags, KeepTheirOrderWithoutDuplicates) {
  EXPECT_EQ(*normalize_tags({"b", "A", "#B", "a ", "c"}),
            (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(*normalize_tags({}), std::vector<std::string>());
  EXPECT_EQ(normalize_tags({"a", ""}).error().code, "invalid_tag");
}

TEST(Tags, AreAtMostThirtyAfterNormalising) {
  std::vector<std::string> tags;
  for (int i = 0; i < 30; ++i) tags.push_back("t" + std::to_string(i));
  tags.push_back("#T0");
  EXPECT_EQ(normalize_tags(tags)->size(), 30u);
  tags.push_back("one-more");
  EXPECT_EQ(normalize_tags(tags).error().code, "too_many_tags");
}

}  // namespace
}  // namespace tintype

#include "base/unicode.h"

#include <gtest/gtest.h>
#include <locale.h>
#include <wctype.h>

#include "base/encoding.h"

namespace tintype {
namespace {

bool is_scalar(char32_t c) { return c < 0xD800 || c > 0xDFFF; }

TEST(CodePoints, AreReadAsTheyAreWritten) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (!is_scalar(c)) continue;
    std::string text;
    append_utf8(text, c);
    ASSERT_TRUE(is_valid_utf8(text)) << std::hex << static_cast<std::uint32_t>(c);
    text += "x";
    std::string_view rest = text;
    ASSERT_EQ(take_code_point(rest), c);
    ASSERT_EQ(rest, "x");
  }
}

TEST(LowerCase, KnownCharacters) {
  EXPECT_EQ(to_lower(U'A'), U'a');
  EXPECT_EQ(to_lower(U'z'), U'z');
  EXPECT_EQ(to_lower(U'5'), U'5');
  EXPECT_EQ(to_lower(U'Ä'), U'ä');
  EXPECT_EQ(to_lower(U'Ÿ'), U'ÿ');
  EXPECT_EQ(to_lower(U'Ω'), U'ω');
  EXPECT_EQ(to_lower(U'Ж'), U'ж');
  EXPECT_EQ(to_lower(U'Ā'), U'ā');
  EXPECT_EQ(to_lower(U'ā'), U'ā');
  EXPECT_EQ(to_lower(U'ẞ'), U'ß');
  EXPECT_EQ(to_lower(U'\u0130'), U'i');
  EXPECT_EQ(to_lower(U'\u01C4'), U'\u01C6');
  EXPECT_EQ(to_lower(U'\u01C5'), U'\u01C6');
  EXPECT_EQ(to_lower(U'\U00010400'), U'\U00010428');
  EXPECT_EQ(to_lower(U'日'), U'日');
}

TEST(LowerCase, IsStable) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) ASSERT_EQ(to_lower(to_lower(c)), to_lower(c));
}

// glibc has its own table of the same standard; the two were made independently.
TEST(LowerCase, AgreesWithTheCLibrary) {
  locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  ASSERT_NE(locale, nullptr);
  int differ = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    auto theirs = static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), locale));
    if (is_scalar(c) && theirs != to_lower(c)) ++differ;
  }
  freelocale(locale);
  // Versions of Unicode add cases; a table gone wrong would differ in hundreds of places.
  EXPECT_LE(differ, 20);
}

TEST(Categories, KnownCharacters) {
  for (char32_t c : U"aZ09éßж日あअก٣Ⅷ½ªʰ𝔘") {
    EXPECT_TRUE(c == 0 || is_letter_or_digit(c)) << static_cast<std::uint32_t>(c);
  }
  for (char32_t c : U" _-#/.,:;!?\"'€+=<>😀❤\u200B\u200D\u3164\uFFA0\u115F\u0301") {
    EXPECT_FALSE(is_letter_or_digit(c)) << static_cast<std::uint32_t>(c);
  }
  for (char32_t c : {U'\u0301', U'\u093F', U'\u0E31', U'\u064E'}) EXPECT_TRUE(is_combining_mark(c));
  for (char32_t c : {U'a', U'\uFE0F', U'\u034F', U'\U000E0100'})
    EXPECT_FALSE(is_combining_mark(c)) << static_cast<std::uint32_t>(c);
}

TEST(Categories, SpacesAndUnprintable) {
  for (char32_t c : {U' ', U'\t', U'\n', U'\u00A0', U'\u2003', U'\u3000'}) EXPECT_TRUE(is_space(c));
  for (char32_t c : {U'a', U'\0', U'\u200B'}) EXPECT_FALSE(is_space(c));
  for (char32_t c : {U'\0', U'\n', U'\x7F', U'\u0085', U'\u200E', U'\u202E', U'\u2066', U'\u2069',
                     U'\uFEFF', U'\u061C', U'\u2028'})
    EXPECT_TRUE(is_unprintable(c)) << static_cast<std::uint32_t>(c);
  for (char32_t c : {U' ', U'a', U'é', U'\u200C', U'\u200D', U'\U0001F600'})
    EXPECT_FALSE(is_unprintable(c)) << static_cast<std::uint32_t>(c);
}

TEST(Trim, RemovesSpacesAtBothEnds) {
  EXPECT_EQ(trim_spaces(""), "");
  EXPECT_EQ(trim_spaces(" \t\u3000"), "");
  EXPECT_EQ(trim_spaces("a b"), "a b");
  EXPECT_EQ(trim_spaces("\u00A0 ü b\u2003\n"), "ü b");
}

}  // namespace
}  // namespace tintype

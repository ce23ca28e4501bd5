#include <gtest/gtest.h>

#include <random>

#include "base/encoding.h"
#include "base/unicode.h"
#include "domain/validators.h"

namespace tintype {
namespace {

using namespace std::string_literals;

std::string clean(std::string_view text) { return *sanitize_filename(text, MediaType::jpeg); }

TEST(Filename, OrdinaryNamesStay) {
  for (std::string_view name : {"a.jpg", "Holiday 2026 (1).JPG", "Zoë's été.heic", "写真.png", "a",
                                "x..y.jpg", "👨\u200D👩\u200D👧.png", "12:30.png", "-rf.jpg", "~.jpg"})
    EXPECT_EQ(clean(name), name);
}

TEST(Filename, IsTheLastComponentOfAPath) {
  EXPECT_EQ(clean("/etc/passwd"), "passwd");
  EXPECT_EQ(clean("../../a.jpg"), "a.jpg");
  EXPECT_EQ(clean("C:\\Users\\me\\b.jpg"), "b.jpg");
  EXPECT_EQ(clean("\\\\server\\share/c.jpg"), "c.jpg");
  EXPECT_EQ(clean("..\\..\\windows\\win.ini"), "win.ini");
}

TEST(Filename, IsImageWhenNothingIsLeft) {
  for (std::string_view name :
       {"", " ", ".", "..", "...", "a/", "a\\", "/", "../", " . . ", "\n", "\u202E", "\u3000"})
    EXPECT_EQ(clean(name), "image.jpg") << name;
  EXPECT_EQ(*sanitize_filename("", MediaType::avif), "image.avif");
  EXPECT_EQ(clean(".jpg"), "image.jpg");
  EXPECT_EQ(clean("../.png"), "image.png");
}

TEST(Filename, LosesWhatSystemsWouldHideOrDrop) {
  EXPECT_EQ(clean(" a.jpg "), "a.jpg");
  EXPECT_EQ(clean("a.jpg. ."), "a.jpg");
  EXPECT_EQ(clean(".hidden.jpg"), "hidden.jpg");
  EXPECT_EQ(clean("...a.jpg"), "a.jpg");
  EXPECT_EQ(clean(". a.jpg"), "a.jpg");
  EXPECT_EQ(clean(".. ..a.jpg"), "a.jpg");
  EXPECT_EQ(clean("a\r\nSet-Cookie: b.jpg"), "aSet-Cookie: b.jpg");
  EXPECT_EQ(clean("photo\u202Egpj.exe"), "photogpj.exe");
  EXPECT_EQ(clean("a\u200E\u2066b\u2069\uFEFF\x7F\x01.jpg"), "ab.jpg");
}

TEST(Filename, IsCutAtACharactersEdgeAndKeepsItsExtension) {
  EXPECT_EQ(clean(std::string(255, 'a')), std::string(255, 'a'));
  EXPECT_EQ(clean(std::string(256, 'a')), std::string(255, 'a'));
  EXPECT_EQ(clean(std::string(300, 'a') + ".jpeg"), std::string(250, 'a') + ".jpeg");
  EXPECT_EQ(clean(std::string(250, 'a') + " ." + std::string(100, 'b')),
            std::string(250, 'a') + " .bbb");
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "日";
  EXPECT_EQ(clean(wide), wide.substr(0, 255));
  EXPECT_EQ(clean(wide + ".jpg"), wide.substr(0, 249) + ".jpg");
  EXPECT_EQ(clean(std::string(249, 'a') + "  " + std::string(20, 'b') + ".jpg"),
            std::string(249, 'a') + ".jpg");
}

TEST(Filename, RefusesWhatIsNoText) {
  for (const auto& bad :
       {"a\0.jpg"s, "\0"s, "a\xFF.jpg"s, "\xED\xA0\x80"s, std::string(4097, 'a')}) {
    auto result = sanitize_filename(bad, MediaType::jpeg);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, "invalid_filename");
  }
  EXPECT_TRUE(sanitize_filename(std::string(4096, 'a'), MediaType::jpeg).ok());
}

void expect_safe(const std::string& name) {
  ASSERT_FALSE(name.empty());
  ASSERT_LE(name.size(), kMaxFilenameBytes);
  ASSERT_TRUE(is_valid_utf8(name)) << hex_encode(name);
  ASSERT_EQ(name.find_first_of("/\\"), std::string::npos) << name;
  ASSERT_FALSE(name.starts_with('.') || name.ends_with('.')) << name;
  ASSERT_EQ(trim_spaces(name), name);
  for (std::string_view rest = name; !rest.empty();)
    ASSERT_FALSE(is_unprintable(take_code_point(rest))) << hex_encode(name);
}

// Names made of the parts that have tripped sanitisers before.
TEST(Filename, IsSafeWhateverWentIn) {
  const std::string parts[] = {
      "a",      "ü",      "日",     " ",        ".",    "..", "/",      "\\", "\n",
      "\x7F",   "\u202E", "\u3000", "\u2028",   ".jpg", "C:", "\uFEFF", "~",  std::string(120, 'x'),
      "\u00A0", "\u200B", "👩",      "%2e%2e%2f"};
  std::mt19937 random(5);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (unsigned n = random() % 9; n > 0; --n) text += parts[random() % std::size(parts)];
    auto name = sanitize_filename(text, MediaType::png);
    ASSERT_TRUE(name.ok()) << hex_encode(text);
    expect_safe(*name);
    ASSERT_EQ(*sanitize_filename(*name, MediaType::png), *name) << hex_encode(text);
  }
}

}  // namespace
}  // namespace tintype

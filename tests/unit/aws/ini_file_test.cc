#include "adapters/aws/ini_file.h"

#include <gtest/gtest.h>

#include "adapters/aws/command_words.h"

namespace tintype {
namespace {

IniFile parsed(std::string_view text) {
  auto file = parse_ini(text);
  EXPECT_TRUE(file.ok()) << file.error().detail;
  return file.ok() ? *file : IniFile();
}

std::string complaint(std::string_view text) {
  auto file = parse_ini(text);
  EXPECT_FALSE(file.ok());
  return file.ok() ? "" : file.error().detail;
}

TEST(IniFile, HoldsSectionsOfSettings) {
  EXPECT_EQ(parsed("[default]\nregion = eu-central-1\n\n[profile b]\nOutPut=json\r\n[c]\n"),
            (IniFile{{"default", {{"region", "eu-central-1"}}},
                     {"profile b", {{"output", "json"}}},
                     {"c", {}}}));
  EXPECT_EQ(parsed(""), IniFile());
}

TEST(IniFile, ANameEndsAtTheFirstEqualsSignOrColon) {
  EXPECT_EQ(parsed("[a]\nx = a=b:c\ny: c:d=e\nz=\n\t w\t=\t v \t\n").at("a"),
            (IniSection{{"x", "a=b:c"}, {"y", "c:d=e"}, {"z", "\nw\t=\t v"}}));
}

TEST(IniFile, CommentsAreWholeLines) {
  EXPECT_EQ(parsed("# top\n; top\n[a]\n  # x = 0\nx = 1 # one ; two\n;y = 2\n").at("a"),
            (IniSection{{"x", "1 # one ; two"}}));
}

TEST(IniFile, DeeperLinesGoOnWithTheValue) {
  EXPECT_EQ(parsed("[a]\nx = 1\n  2\n # no\n\n\t[3]\n  y = 4\nz = 5\n\n\n").at("a"),
            (IniSection{{"x", "1\n2\n\n[3]\ny = 4"}, {"z", "5"}}));
  // Compared with the setting's own indentation.
  EXPECT_EQ(parsed("[a]\n  x = 1\n  y = 2\n   3\n z = 4\n").at("a"),
            (IniSection{{"x", "1"}, {"y", "2\n3"}, {"z", "4"}}));
}

TEST(IniFile, ASectionEndsAtTheLastBracket) {
  EXPECT_EQ(parsed("[a] ; note\nx=1\n[b]c]\nx=2\n[ d ]\n"),
            (IniFile{{"a", {{"x", "1"}}}, {"b]c", {{"x", "2"}}}, {" d ", {}}}));
}

TEST(IniFile, WhatComesTwiceIsMergedAndTheLaterCounts) {
  EXPECT_EQ(parsed("[a]\nx=1\ny=1\n[b]\n[a]\nX=2\nx=3\n"),
            (IniFile{{"a", {{"x", "3"}, {"y", "1"}}}, {"b", {}}}));
}

TEST(IniFile, ComplainsOfTheLineAndKeepsItsTextToItself) {
  EXPECT_EQ(complaint("\n# c\nsecret = 1\n"), "line 3 stands before the first section");
  EXPECT_EQ(complaint("[a]\r\nx=1\r\nsecret\r\n"), "line 3 is neither a section nor a setting");
  EXPECT_EQ(complaint("[a]\n= secret\n"), "line 2 is neither a section nor a setting");
  EXPECT_EQ(complaint("[a]\n[]\n"), "line 2 is neither a section nor a setting");
  EXPECT_EQ(complaint("[a]\nx = \xff\n"), "it is not UTF-8 text");
}

using Words = std::vector<std::string>;

TEST(SplitWords, AtBlanksOutsideOfQuotes) {
  EXPECT_EQ(split_words(""), Words());
  EXPECT_EQ(split_words(" \t\r\n"), Words());
  EXPECT_EQ(split_words("a  b\n\tc"), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_words("a' b'\" c\"d ''"), (Words{"a b cd", ""}));
  EXPECT_EQ(split_words(R"("a \"b\" \\ \n" 'c\d' e\ f\\ # $HOME *)"),
            (Words{R"(a "b" \ \n)", R"(c\d)", "e f\\", "#", "$HOME", "*"}));
}

TEST(SplitWords, NothingWhenTheTextBreaksOff) {
  for (const char* text : {"'", "\"", "a 'b", "a \"b\\\"", "a\\"})
    EXPECT_EQ(split_words(text), std::nullopt) << text;
}

}  // namespace
}  // namespace tintype

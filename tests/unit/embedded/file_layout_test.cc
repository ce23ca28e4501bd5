#include "adapters/embedded/file_layout.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/hash.h"

namespace tintype {
namespace {

std::string fan_out_of(std::string_view text) {
  const std::string hex = hex_encode(sha256(text));
  return hex.substr(0, 2) + "/" + hex.substr(2, 2);
}

TEST(FileLayout, NestedDirectoriesShareAFolderAndOthersSpread) {
  EXPECT_EQ(object_path("renditions/7/a.webp")->full(),
            fan_out_of("renditions/7") + "/renditions%2F7%2Fa.webp");
  const auto flat = [](std::string_view key) { return "flat/" + fan_out_of(key).substr(0, 2); };
  EXPECT_EQ(object_path("incoming/7")->full(), flat("incoming/7") + "/incoming%2F7");
  EXPECT_EQ(object_path("100%")->full(), flat("100%") + "/100%25");
}

TEST(FileLayout, NamesLeadBackToKeysAndStrangersToNone) {
  for (const char* key : {"a", "a/b/c", "100%/x", "%2F", ".x", "a b"}) {
    EXPECT_EQ(key_of_name(object_path(key)->name), key);
  }
  for (const char* name : {"%sub-00", "%2f", "%41", "%2Fa", "..", "a%", "a%2F..%2Fb"}) {
    EXPECT_EQ(key_of_name(name), std::nullopt) << name;
  }
}

TEST(FileLayout, OnlyNestedPrefixesHaveOneFolder) {
  EXPECT_EQ(folder_of_prefix("renditions/7/"), object_path("renditions/7/a")->folder);
  EXPECT_EQ(folder_of_prefix("originals/u/7/"), object_path("originals/u/7/a")->folder);
  for (const char* prefix : {"", "a", "a/", "a/b"})
    EXPECT_FALSE(folder_of_prefix(prefix)) << prefix;
}

TEST(FileLayout, DirectlyBelowMeansOneMoreName) {
  EXPECT_TRUE(is_directly_below("a/b/c", "a/b/"));
  for (const char* key : {"a/b/", "a/b", "a/b/c/d", "a/bc/d", "x/a/b/c"})
    EXPECT_FALSE(is_directly_below(key, "a/b/")) << key;
}

}  // namespace
}  // namespace tintype

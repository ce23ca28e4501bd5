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
  EXPECT_EQ(object_path("incoming/7")->full(), fan_out_of("incoming/7") + "/incoming%2F7");
  EXPECT_EQ(object_path("100%")->full(), fan_out_of("100%") + "/100%25");
}

TEST(FileLayout, NamesLeadBackToKeysAndStrangersToNone) {
  for (const char* key : {"a", "a/b/c", "100%/x", "%2F", ".x", "a b"}) {
    EXPECT_EQ(key_of_name(object_path(key)->name), key);
  }
  for (const char* name : {"%sub-00", "%2f", "%41", "%2Fa", "..", "a%", "a%2F..%2Fb"}) {
    EXPECT_EQ(key_of_name(name), std::nullopt) << name;
  }
}

TEST(FileLayout, DeeperKeysMarkTheDirectoriesAboveThem) {
  EXPECT_TRUE(markers_for("a/b/c").empty());
  const auto markers = markers_for("originals/u/1/a.jpg");
  ASSERT_EQ(markers.size(), 1u);
  EXPECT_EQ(markers[0].full(), scope_of_prefix("originals/u/")->deeper.full());
  EXPECT_EQ(markers_for("a/b/c/d/e").size(), 2u);
}

TEST(FileLayout, OnlyNestedPrefixesHaveOneFolder) {
  EXPECT_EQ(scope_of_prefix("renditions/7/")->folder, object_path("renditions/7/a")->folder);
  EXPECT_EQ(scope_of_prefix("renditions/7/th")->folder, object_path("renditions/7/a")->folder);
  for (const char* prefix : {"", "a", "a/", "a/b"}) EXPECT_FALSE(scope_of_prefix(prefix)) << prefix;
}

}  // namespace
}  // namespace tintype

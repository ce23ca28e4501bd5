#include "adapters/embedded/hash_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "domain/hash_distance.h"
#include "support/image_builder.h"

namespace tintype::testing {
namespace {

// The lists of a hash itself: its bands' values.
std::set<std::int64_t> own_lists(std::uint64_t hash) {
  std::set<std::int64_t> lists;
  for (std::int64_t band = 0; band < 4; ++band)
    lists.insert(band << 16 | static_cast<std::int64_t>(hash >> (16 * band) & 0xFFFF));
  return lists;
}

bool is_found(std::uint64_t hash, std::uint64_t near) {
  const auto own = own_lists(near);
  const auto read = lists_near(hash);
  return std::any_of(read.begin(), read.end(), [&](auto list) { return own.contains(list); });
}

TEST(HashIndex, ReadsEachListOnce) {
  const auto lists = lists_near(0x0123456789ABCDEF);
  EXPECT_EQ(lists.size(), 428u);
  EXPECT_EQ(std::set(lists.begin(), lists.end()).size(), lists.size());
}

TEST(HashIndex, MissesNothingThatIsSimilar) {
  SeededRandom random(3);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t hash = random.next();
    std::uint64_t near = hash;
    while (hash_distance(hash, near) < kSimilarDistance)
      near ^= std::uint64_t{1} << random.below(64);
    EXPECT_TRUE(is_found(hash, near)) << std::hex << hash << " " << near;
  }
}

// The worst ways to spread ten bits over the bands.
TEST(HashIndex, MissesNothingThatIsSpreadEvenly) {
  EXPECT_TRUE(is_found(0, 0x0007'0007'0007'0001));
  EXPECT_TRUE(is_found(0, 0x0003'0007'0007'0003));
  EXPECT_TRUE(is_found(0, 0x0003'0003'0007'0007));
  EXPECT_TRUE(is_found(0, 0xE000'C000'C000'E000));
  EXPECT_FALSE(is_found(0, 0x0003'0007'0007'0007)) << "eleven bits may be missed";
}

}  // namespace
}  // namespace tintype::testing

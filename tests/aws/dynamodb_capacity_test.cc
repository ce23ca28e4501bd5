// A page costs the same among many images as among few. On a server that counts read units by the
// bytes read, as AWS does: of the emulators that is dynalite.
#include <gtest/gtest.h>

#include "aws/page_capacity.h"

namespace tintype::testing {
namespace {

constexpr std::uint64_t kFew = 1'000, kMany = 5'000;

TEST(DynamoDbCapacity, a_page_costs_the_same_among_many_images_as_among_few) {
  OwnTables few({.transactions = false, .count_capacity = true});
  OwnTables many({.transactions = false, .count_capacity = true});
  fill(few, kFew);
  fill(many, kMany);
  for (const auto& kind : page_kinds())
    for (auto place : {Place::start, Place::middle, Place::end})
      for (auto sort : {SortOrder::newest, SortOrder::oldest}) {
        ImageQuery query = kind.query;
        query.sort = sort;
        const double among_few = capacity_of(few, page_at(query, place, kFew / kind.share));
        const double among_many = capacity_of(many, page_at(query, place, kMany / kind.share));
        EXPECT_GT(among_few, 0);
        EXPECT_EQ(among_few, among_many)
            << kind.name << ", place " << static_cast<int>(place)
            << (sort == SortOrder::oldest ? ", oldest first" : ", newest first");
      }
}

}  // namespace
}  // namespace tintype::testing

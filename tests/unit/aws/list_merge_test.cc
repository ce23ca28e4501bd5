// Merging partitions into pages, on a server whose pages are as small as the test wants.
#include "adapters/aws/list_merge.h"

#include "dynamodb_fixture.h"

namespace tintype::testing {
namespace {

using namespace dynamodb;

// Rows `a3`, `b7`, ... of the partitions a, b, ...; those of an even `size` are wanted by the
// filter.
struct Lists {
  DynamoDbWorld world;

  static std::string place(int number) {
    const std::string text = std::to_string(number);
    return std::string(4 - text.size(), '0') + text;
  }
  void add(const std::string& list, int number, bool wanted = true) {
    world.fake.put("image_tags", {{"list", list},
                                  {"listed_at", place(number)},
                                  {"size", wanted ? 1000 : 1},
                                  {"from", list}});
  }
  std::vector<ListSource> sources(std::vector<std::string> lists, SortRange range, bool forward,
                                  bool filtered) {
    static ImageQuery wanted;
    wanted.min_size = 100;
    const auto filter = [](Query& query, const ImageQuery& by) {
      query.filter =
          query.placeholders.name("size") + " >= " + query.placeholders.value(*by.min_size);
    };
    std::vector<ListSource> out;
    for (auto& list : lists)
      out.emplace_back(Partition{"image_tags", "", "list", list}, range, forward,
                       filtered ? +filter : nullptr, &wanted);
    return out;
  }
  struct Walk {
    std::vector<std::string> places;
    int pages = 0;
    std::size_t most = 0;
  };
  // All pages, each from where the one before ended.
  Walk walk(std::vector<std::string> lists, bool forward, MergeLimits limits, bool filtered,
            SortRange range = {}) {
    Walk walk;
    do {
      auto merged =
          merge(world.process.client, sources(lists, range, forward, filtered), forward, limits);
      EXPECT_TRUE(merged.ok()) << merged.error().detail;
      if (!merged.ok()) break;
      for (const auto& row : merged->rows) walk.places.push_back(row.place);
      walk.most = std::max(walk.most, merged->rows.size());
      EXPECT_TRUE(merged->next.empty() || merged->next != range.after) << "no progress";
      range.after = merged->next;
    } while (!range.after.empty() && ++walk.pages < 2000);
    return walk;
  }
};

std::vector<std::string> all_places(int from, int to, bool forward = true) {
  std::vector<std::string> out;
  for (int i = from; i <= to; ++i) out.push_back(Lists::place(i));
  if (!forward) std::ranges::reverse(out);
  return out;
}

TEST(ListMerge, OrdersPartitionsBothWaysInPages) {
  Lists lists;
  for (int i = 0; i < 60; ++i) lists.add(std::string(1, static_cast<char>('a' + i % 3)), i);
  for (const bool forward : {true, false}) {
    const auto walk =
        lists.walk({"a", "b", "c", "none"}, forward, {.rows = 7, .part = 3, .requests = 64}, false);
    EXPECT_EQ(walk.places, all_places(0, 59, forward));
    EXPECT_EQ(walk.most, 7u);
  }
}

TEST(ListMerge, TheLastPageSaysThatItIsTheLast) {
  Lists lists;
  for (int i = 0; i < 10; ++i) lists.add("a", i);
  const auto merged = merge(lists.world.process.client, lists.sources({"a"}, {}, true, false), true,
                            {.rows = 10, .part = 12});
  EXPECT_EQ(merged->rows.size(), 10u);
  EXPECT_EQ(merged->next, "");
}

TEST(ListMerge, EqualPlacesAppearOnceAlsoAcrossPages) {
  Lists lists;
  for (int i = 0; i < 20; ++i)
    for (const char* list : {"a", "b", "c"}) lists.add(list, i);
  for (const std::size_t rows : {1, 2, 5}) {
    const auto walk = lists.walk({"a", "b", "c"}, true, {.rows = rows, .part = 2}, false);
    EXPECT_EQ(walk.places, all_places(0, 19)) << rows;
  }
}

TEST(ListMerge, EmptyPagesAreFollowed) {
  Lists lists;
  for (int i = 0; i < 100; ++i) lists.add("a", i, i % 40 == 39);
  const auto walk = lists.walk({"a"}, true, {.rows = 5, .part = 10, .requests = 64}, true);
  EXPECT_EQ(walk.places, (std::vector<std::string>{"0039", "0079"}));
  EXPECT_EQ(walk.pages, 0);
}

// One partition's rows that nobody wants must not use up what the others need to be read at all.
TEST(ListMerge, ALongStretchOfUnwantedRowsLosesNothingOfTheOthers) {
  for (const bool forward : {true, false}) {
    Lists lists;
    for (int i = 0; i < 300; ++i) lists.add("a", i, i == 299 || i == 0);
    for (int i = 100; i < 110; ++i) lists.add("b", i);
    const auto walk = lists.walk({"a", "b"}, forward, {.rows = 5, .part = 2, .requests = 8}, true);
    std::vector<std::string> wanted = all_places(100, 109);
    wanted.insert(wanted.begin(), "0000");
    wanted.push_back("0299");
    if (!forward) std::ranges::reverse(wanted);
    EXPECT_EQ(walk.places, wanted) << forward;
    EXPECT_GT(walk.pages, 5);  // each ended when its requests were used up
  }
}

TEST(ListMerge, MorePartitionsThanRequestsStillMoveOn) {
  Lists lists;
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) {
    names.push_back("l" + std::to_string(i));
    lists.add(names.back(), i);
  }
  EXPECT_EQ(lists.walk(names, true, {.rows = 3, .part = 2, .requests = 4}, false).places,
            all_places(0, 39));
}

TEST(ListMerge, RangesBoundBothEndsAndPositionsToo) {
  Lists lists;
  for (int i = 0; i < 50; ++i) lists.add(i % 2 ? "a" : "b", i);
  const MergeLimits limits{.rows = 4, .part = 3};
  for (const bool forward : {true, false}) {
    SortRange range{.first = "0010", .last = "0019"};
    EXPECT_EQ(lists.walk({"a", "b"}, forward, limits, false, range).places,
              all_places(10, 19, forward));
    range = {.first = "0010"};
    EXPECT_EQ(lists.walk({"a", "b"}, forward, limits, false, range).places,
              all_places(10, 49, forward));
    range = {.last = "0010"};
    EXPECT_EQ(lists.walk({"a", "b"}, forward, limits, false, range).places,
              all_places(0, 10, forward));
    range = {.first = "0010", .last = "0019", .after = "0015"};
    EXPECT_EQ(lists.walk({"a", "b"}, forward, limits, false, range).places,
              forward ? all_places(16, 19) : all_places(10, 14, false));
  }
}

TEST(ListMerge, ARangeThatHoldsNothingAsksNothing) {
  Lists lists;
  for (const SortRange& range :
       {SortRange{.first = "0002", .last = "0001"}, SortRange{.last = "0001", .after = "0002"}}) {
    EXPECT_TRUE(lists.walk({"a"}, true, {.rows = 4, .part = 3}, false, range).places.empty());
  }
  EXPECT_EQ(lists.world.fake.calls(), 0);
}

TEST(ListMerge, AskForNoMoreThanAPageNeeds) {
  Lists lists;
  for (int i = 0; i < 400; ++i) lists.add(std::string(1, static_cast<char>('a' + i % 4)), i);
  const auto merged =
      merge(lists.world.process.client, lists.sources({"a", "b", "c", "d"}, {}, true, false), true,
            {.rows = 50, .part = 28});
  EXPECT_EQ(merged->rows.size(), 50u);
  EXPECT_EQ(lists.world.fake.calls(), 4);
}

TEST(ListMerge, ErrorsEndIt) {
  Lists lists;
  lists.world.fake.plan = [](int, const std::string&) { return Fault::forbidden; };
  EXPECT_TRUE(merge(lists.world.process.client, lists.sources({"a"}, {}, true, false), true,
                    {.rows = 5, .part = 5})
                  .error()
                  .is("aws_credentials"));
}

}  // namespace
}  // namespace tintype::testing

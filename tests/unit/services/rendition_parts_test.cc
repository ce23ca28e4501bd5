// The small classes behind render_image: cache, counts, flights and the queue.
#include <gtest/gtest.h>

#include <thread>

#include "services/renditions.h"
#include "support/service_world.h"

namespace tintype::testing {
namespace {

std::shared_ptr<const std::string> bytes(std::size_t size, char fill = 'x') {
  return std::make_shared<const std::string>(size, fill);
}

TEST(RenditionCache, FindsWhatItKept) {
  RenditionCache cache(1'000'000);
  EXPECT_EQ(cache.find("a"), nullptr);
  cache.keep("a", bytes(10, 'a'));
  cache.keep("b", bytes(10, 'b'));
  EXPECT_EQ(*cache.find("a"), std::string(10, 'a'));
  cache.keep("a", bytes(20, 'c'));
  EXPECT_EQ(*cache.find("a"), std::string(20, 'c'));
  EXPECT_EQ(*cache.find("b"), std::string(10, 'b'));
}

TEST(RenditionCache, DropsWhatWasNotAskedForLongest) {
  RenditionCache cache(10'000);
  for (const auto* key : {"a", "b", "c"}) cache.keep(key, bytes(3000));
  ASSERT_TRUE(cache.find("a"));
  cache.keep("d", bytes(3000));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("c"));
  EXPECT_TRUE(cache.find("d"));
}

TEST(RenditionCache, StaysWithinItsBound) {
  RenditionCache cache(100'000);
  SeededRandom random(3);
  for (int i = 0; i < 5000; ++i) {
    const auto roll = static_cast<unsigned char>(random_bytes(random, 1)[0]);
    cache.keep(std::to_string(i % 97), bytes(roll * 40u));
    ASSERT_LE(cache.bytes(), 100'000u);
  }
  EXPECT_GT(cache.bytes(), 50'000u);
}

TEST(RenditionCache, TakesNothingTooLargeAndNothingWhenOff) {
  RenditionCache cache(10'000'000);
  cache.keep("a", bytes(kMaxCachedRendition + 1));
  EXPECT_FALSE(cache.find("a"));
  cache.keep("a", bytes(kMaxCachedRendition));
  EXPECT_TRUE(cache.find("a"));
  RenditionCache off(0);
  off.keep("a", bytes(1));
  EXPECT_FALSE(off.find("a"));
  EXPECT_FALSE(off.holds(0));
}

TEST(RenditionCounts, StopAtTheLimitOfEachImage) {
  ServiceWorld world;
  const auto one = world.create().image_id;
  const auto two = world.create().image_id;
  RenditionCounts counts(10);
  EXPECT_TRUE(counts.take(one, 1, 2));
  EXPECT_TRUE(counts.take(one, 1, 2));
  EXPECT_FALSE(counts.take(one, 1, 2));
  EXPECT_TRUE(counts.take(two, 1, 2));
  counts.give_back(one);
  EXPECT_TRUE(counts.take(one, 1, 2));
  EXPECT_FALSE(counts.take(one, 1, 2));
  EXPECT_FALSE(counts.take(two, 1, 0));
}

TEST(RenditionCounts, BeginAnewWithARevision) {
  ServiceWorld world;
  const auto image = world.create().image_id;
  RenditionCounts counts(10);
  EXPECT_TRUE(counts.take(image, 1, 1));
  EXPECT_FALSE(counts.take(image, 1, 1));
  EXPECT_TRUE(counts.take(image, 3, 1));
  EXPECT_FALSE(counts.take(image, 3, 1));
}

TEST(RenditionCounts, ForgetTheImagesOfLongAgo) {
  ServiceWorld world;
  RenditionCounts counts(2);
  const auto first = world.create().image_id;
  const auto second = world.create().image_id;
  EXPECT_TRUE(counts.take(first, 1, 1));
  EXPECT_TRUE(counts.take(second, 1, 1));
  EXPECT_FALSE(counts.take(first, 1, 1));
  EXPECT_TRUE(counts.take(world.create().image_id, 1, 1));
  EXPECT_FALSE(counts.take(first, 1, 1));
  EXPECT_TRUE(counts.take(second, 1, 1));
}

// Runs `count` callers of one key at once and lets the first finish when all others wait.
template <typename Work>
std::vector<Result<int>> fly(SingleFlight<int>& flights, int count, Deadline deadline, Work work) {
  std::vector<Result<int>> results(static_cast<std::size_t>(count), 0);
  std::vector<std::thread> threads;
  for (auto& result : results)
    threads.emplace_back([&] { result = flights.run("key", deadline, work); });
  for (auto& thread : threads) thread.join();
  return results;
}

TEST(SingleFlight, OneWorksForAll) {
  SingleFlight<int> flights;
  std::atomic<int> runs{0};
  auto results = fly(flights, 8, deadline_in(seconds(10)), [&]() -> Result<int> {
    while (flights.waiting("key") < 7) std::this_thread::yield();
    return ++runs;
  });
  EXPECT_EQ(runs, 1);
  for (auto& result : results) EXPECT_EQ(*result, 1);
  EXPECT_EQ(flights.waiting("key"), 0u);
}

TEST(SingleFlight, AllGetAnErrorOfTheWork) {
  SingleFlight<int> flights;
  std::atomic<int> runs{0};
  auto results = fly(flights, 4, deadline_in(seconds(10)), [&]() -> Result<int> {
    while (flights.waiting("key") < 3) std::this_thread::yield();
    ++runs;
    return Error{ErrorKind::unprocessable, "corrupt_image", "", {}};
  });
  EXPECT_EQ(runs, 1);
  for (auto& result : results) EXPECT_TRUE(result.error().is("corrupt_image"));
}

void others_try_after(Error error) {
  SingleFlight<int> flights;
  std::atomic<int> runs{0};
  auto results = fly(flights, 4, deadline_in(seconds(10)), [&]() -> Result<int> {
    if (runs == 0)
      while (flights.waiting("key") < 3) std::this_thread::yield();
    if (++runs == 1) return std::move(error);
    return 7;
  });
  int failed = 0;
  for (auto& result : results) failed += result.ok() ? 0 : 1;
  EXPECT_EQ(failed, 1);
  EXPECT_GE(runs, 2);
}

TEST(SingleFlight, AnErrorOfTheWorkerLetsOthersTry) {
  others_try_after(unavailable_error("no room"));
  others_try_after(timeout_error("no time"));
}

TEST(SingleFlight, NobodyWaitsBeyondTheirDeadline) {
  SingleFlight<int> flights;
  std::atomic<bool> begun{false};
  std::atomic<bool> over{false};
  std::thread leader([&] {
    auto led = flights.run("key", deadline_in(seconds(10)), [&]() -> Result<int> {
      begun = true;
      while (!over) std::this_thread::yield();
      return 1;
    });
    EXPECT_EQ(*led, 1);
  });
  while (!begun) std::this_thread::yield();
  bool worked = false;
  auto follower = flights.run("key", deadline_in(milliseconds(20)), [&]() -> Result<int> {
    worked = true;
    return 2;
  });
  EXPECT_TRUE(follower.error().is(ErrorKind::timeout));
  EXPECT_FALSE(worked);
  over = true;
  leader.join();
}

TEST(SingleFlight, AnExceptionIsAnErrorForAll) {
  SingleFlight<int> flights;
  auto result =
      flights.run("key", deadline_in(seconds(1)), []() -> Result<int> { throw std::bad_alloc(); });
  EXPECT_TRUE(result.error().is(ErrorKind::unavailable));
  EXPECT_EQ(*flights.run("key", deadline_in(seconds(1)), [] { return Result<int>(3); }), 3);
}

TEST(RenditionQueue, RunsEachKeyOnceAtATime) {
  RenditionQueue queue(10);
  std::atomic<int> runs{0};
  std::atomic<bool> open{false};
  auto job = [&] {
    while (!open) std::this_thread::yield();
    ++runs;
    return true;
  };
  for (int i = 0; i < 5; ++i) queue.push("a", job);
  queue.push("b", job);
  open = true;
  queue.drain();
  EXPECT_EQ(runs, 2);
  queue.push("a", job);
  queue.drain();
  EXPECT_EQ(runs, 3);
}

TEST(RenditionQueue, DoesNotTryAgainWhatCameToNothing) {
  RenditionQueue queue(10);
  std::atomic<int> runs{0};
  for (int i = 0; i < 3; ++i) {
    queue.push("a", [&] { return ++runs < 0; });
    queue.drain();
  }
  queue.push("b", [&]() -> bool {
    ++runs;
    throw std::bad_alloc();
  });
  queue.drain();
  EXPECT_EQ(runs, 2);
}

TEST(RenditionQueue, DropsWhatDoesNotFitAndWhatWaitsAtTheEnd) {
  std::atomic<int> runs{0};
  std::atomic<bool> open{false};
  std::atomic<bool> begun{false};
  std::thread opener;
  {
    RenditionQueue queue(2);
    queue.push("first", [&] {
      begun = true;
      while (!open) std::this_thread::yield();
      return true;
    });
    while (!begun) std::this_thread::yield();
    for (int i = 0; i < 5; ++i) queue.push(std::to_string(i), [&] { return ++runs > 0; });
    open = true;
    queue.drain();
    EXPECT_EQ(runs, 2);
    open = begun = false;
    queue.push("last", [&] {
      begun = true;
      while (!open) std::this_thread::yield();
      return true;
    });
    while (!begun) std::this_thread::yield();
    queue.push("never", [&] { return ++runs > 0; });
    opener = std::thread([&] {
      std::this_thread::sleep_for(milliseconds(200));
      open = true;
    });
  }
  opener.join();
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace tintype::testing

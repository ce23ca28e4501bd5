#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "adapters/embedded/shared_sync.h"

namespace tintype {
namespace {

// Every caller's change must be covered by a run that began after it.
TEST(FileSharedSync, CoversEveryCallerWithFewerRuns) {
  SharedSync syncs;
  std::atomic<int> changes = 0, covered = 0, runs = 0;
  const auto sync = [&]() -> Result<void> {
    const int seen = changes;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    covered = seen;
    ++runs;
    return {};
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const int mine = ++changes;
        EXPECT_TRUE(syncs.run("a", sync).ok());
        EXPECT_GE(covered, mine);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(runs, 400);
}

TEST(FileSharedSync, AFailureIsOfItsRunAlone) {
  SharedSync syncs;
  EXPECT_FALSE(syncs.run("a", [] { return Result<void>(internal_error("disk")); }).ok());
  EXPECT_TRUE(syncs.run("a", [] { return Result<void>(); }).ok());
}

}  // namespace
}  // namespace tintype

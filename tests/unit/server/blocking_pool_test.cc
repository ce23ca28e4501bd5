#include "fronts/server/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace tintype {
namespace {

using namespace std::chrono_literals;

class Call final : public BlockingPool::Job {
 public:
  explicit Call(std::function<void()> call) : call_(std::move(call)) {}
  void run() override { call_(); }

 private:
  std::function<void()> call_;
};

std::unique_ptr<Call> call(std::function<void()> f) { return std::make_unique<Call>(std::move(f)); }

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

TEST(BlockingPool, GrowsToItsLimitAndShrinksWhenIdle) {
  BlockingPool pool({.max_threads = 3, .queue_limit = 2, .idle = 50ms});
  EXPECT_EQ(pool.threads(), 0u);
  std::promise<void> gate;
  auto open = gate.get_future().share();
  std::atomic<int> running{0}, done{0};
  const auto job = [&] {
    ++running;
    open.wait();
    ++done;
  };
  for (int i = 0; i < 3; ++i) pool.submit(call(job));
  ASSERT_TRUE(eventually([&] { return running == 3; }));
  EXPECT_TRUE(pool.has_room());
  pool.submit(call(job));
  EXPECT_TRUE(pool.has_room());
  pool.submit(call(job));
  EXPECT_FALSE(pool.has_room());
  EXPECT_EQ(pool.threads(), 3u);
  EXPECT_EQ(running, 3);
  gate.set_value();
  EXPECT_TRUE(eventually([&] { return done == 5 && pool.threads() == 0; }));
  pool.submit(call([&] { ++done; }));
  EXPECT_TRUE(eventually([&] { return done == 6; }));
}

TEST(BlockingPool, OneIdleThreadIsUsedAgain) {
  BlockingPool pool({.max_threads = 8});
  for (int i = 0; i < 50; ++i) {
    std::promise<void> done;
    pool.submit(call([&] { done.set_value(); }));
    done.get_future().wait();
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_LE(pool.threads(), 3u);
}

TEST(BlockingPool, TheDestructorRunsWhatWaits) {
  std::atomic<int> done{0};
  {
    BlockingPool pool({.max_threads = 2});
    for (int i = 0; i < 200; ++i) pool.submit(call([&] { ++done; }));
  }
  EXPECT_EQ(done, 200);
}

}  // namespace
}  // namespace tintype

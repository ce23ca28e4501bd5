#include "imaging/admission.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace tintype {
namespace {

Deadline soon() { return deadline_in(milliseconds(30)); }
Deadline late() { return deadline_in(seconds(30)); }

using MaybeTicket = std::optional<Admission::Ticket>;

MaybeTicket enter(Admission& admission, std::uint64_t bytes, Deadline deadline = soon()) {
  auto ticket = admission.admit(bytes, deadline);
  if (!ticket.ok()) return std::nullopt;
  return std::move(ticket).value();
}

// A job that waits on a thread of its own.
class Waiting {
 public:
  Waiting(Admission& admission, std::uint64_t bytes) {
    auto before = admission.waiting();
    thread_ = std::jthread([this, &admission, bytes] {
      auto ticket = admission.admit(bytes, late());
      admitted_ = ticket.ok();
      while (!leave_) std::this_thread::sleep_for(milliseconds(1));
    });
    for (int i = 0; i < 5000 && admission.waiting() == before && !admitted_; ++i)
      std::this_thread::sleep_for(milliseconds(1));
  }
  ~Waiting() { leave_ = true; }
  // Waits a little for it.
  bool admitted() const {
    for (int i = 0; i < 5000 && !admitted_; ++i) std::this_thread::sleep_for(milliseconds(1));
    return admitted_;
  }
  bool still_waits() const {
    std::this_thread::sleep_for(milliseconds(20));
    return !admitted_;
  }

 private:
  std::atomic<bool> admitted_{false};
  std::atomic<bool> leave_{false};
  std::jthread thread_;
};

TEST(Admission, admits_up_to_its_bytes) {
  Admission admission({100, 10, 10});
  auto first = enter(admission, 60);
  auto second = enter(admission, 40);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(admission.bytes_in_use(), 100u);
  EXPECT_FALSE(enter(admission, 1));
  first.reset();
  EXPECT_EQ(admission.bytes_in_use(), 40u);
  EXPECT_TRUE(enter(admission, 60));
}

TEST(Admission, admits_up_to_its_jobs) {
  Admission admission({100, 2, 10});
  auto first = enter(admission, 1);
  auto second = enter(admission, 1);
  EXPECT_FALSE(enter(admission, 1));
  second.reset();
  EXPECT_TRUE(enter(admission, 1));
}

TEST(Admission, refuses_at_once_when_too_many_wait) {
  Admission admission({100, 1, 1});
  auto running = enter(admission, 1);
  Waiting waiting(admission, 1);
  auto start = std::chrono::steady_clock::now();
  auto refused = admission.admit(1, late());
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is("overloaded"));
  EXPECT_TRUE(refused.error().is(ErrorKind::unavailable));
  running.reset();
  EXPECT_TRUE(waiting.admitted());
}

TEST(Admission, says_when_the_deadline_passed) {
  Admission admission({100, 1, 1});
  auto running = enter(admission, 1);
  auto late_one = admission.admit(1, soon());
  ASSERT_FALSE(late_one.ok());
  EXPECT_TRUE(late_one.error().is("unavailable"));
  EXPECT_TRUE(late_one.error().is(ErrorKind::unavailable));
  EXPECT_EQ(admission.waiting(), 0u);
}

TEST(Admission, lets_nobody_overtake_a_large_job) {
  Admission admission({100, 10, 10});
  auto running = enter(admission, 50);
  Waiting large(admission, 80);
  Waiting small(admission, 10);  // would fit now
  EXPECT_TRUE(small.still_waits());
  EXPECT_TRUE(large.still_waits());
  running.reset();
  EXPECT_TRUE(large.admitted());
  EXPECT_TRUE(small.admitted());  // fits beside it
}

TEST(Admission, lets_the_next_go_when_a_large_job_gives_up) {
  Admission admission({100, 10, 10});
  auto running = enter(admission, 50);
  std::jthread large([&] { EXPECT_FALSE(enter(admission, 80, deadline_in(milliseconds(200)))); });
  while (admission.waiting() == 0) std::this_thread::yield();
  Waiting small(admission, 10);
  EXPECT_TRUE(small.admitted()) << "while the 50 still run";
}

TEST(Admission, lets_a_job_larger_than_everything_run_alone) {
  Admission admission({100, 10, 10});
  {
    auto alone = enter(admission, 1'000'000);
    ASSERT_TRUE(alone);
    EXPECT_FALSE(enter(admission, 1));
  }
  auto running = enter(admission, 1);
  Waiting large(admission, ~0ull);
  EXPECT_TRUE(large.still_waits());
  running.reset();
  EXPECT_TRUE(large.admitted());
}

TEST(Admission, never_exceeds_its_limits) {
  Admission admission({100, 3, 1000});
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<int> jobs{0};
  std::atomic<int> wrong{0};
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (unsigned i = 0; i < 300; ++i) {
          std::uint64_t cost = 1 + (i * 37 + t * 11) % 90;
          auto ticket = enter(admission, cost, late());
          if (!ticket || (bytes += cost) > 100 || ++jobs > 3) ++wrong;
          std::this_thread::yield();
          --jobs;
          bytes -= cost;
          ++done;
        }
      });
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(done, 8 * 300);
  EXPECT_EQ(admission.bytes_in_use(), 0u);
}

}  // namespace
}  // namespace tintype

#include "base/deadline_scope.h"

#include <gtest/gtest.h>

#include <thread>

namespace tintype {
namespace {

bool is_about(Deadline deadline, milliseconds from_now) {
  return std::chrono::abs(deadline - deadline_in(from_now)) < milliseconds(100);
}

TEST(DeadlineScope, TheNearestDeadlineHolds) {
  EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(10)));
  {
    DeadlineScope outer(deadline_in(seconds(5)));
    EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(5)));
    EXPECT_TRUE(is_about(step_deadline(seconds(1)), seconds(1)));
    {
      DeadlineScope later(deadline_in(seconds(60)));
      EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(5)));
      DeadlineScope sooner(deadline_in(seconds(2)));
      EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(2)));
    }
    EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(5)));
  }
  EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(10)));
}

TEST(DeadlineScope, AfterwardsThereIsTimeToTidy) {
  DeadlineScope past(deadline_in(seconds(-5)));
  EXPECT_TRUE(is_about(step_deadline(seconds(10)), kTidyingTime));
  EXPECT_TRUE(is_about(step_deadline(milliseconds(0)), milliseconds(0)));
}

TEST(DeadlineScope, IsOfOneThread) {
  DeadlineScope scope(deadline_in(seconds(1)));
  std::thread([] { EXPECT_TRUE(is_about(step_deadline(seconds(10)), seconds(10))); }).join();
}

}  // namespace
}  // namespace tintype

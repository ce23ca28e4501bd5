#include "adapters/aws/retry.h"

#include <gtest/gtest.h>

#include "support/image_builder.h"

namespace tintype::testing {
namespace {

const BackoffPolicy kPolicy{.attempts = 20,
                            .base = milliseconds(50),
                            .throttled_base = milliseconds(200),
                            .longest = milliseconds(5000)};

// The greatest and least of many waits.
std::pair<milliseconds, milliseconds> range_of(int attempt, bool throttled) {
  SeededRandom random;
  milliseconds least = milliseconds::max(), most{0};
  for (int i = 0; i < 3000; ++i) {
    const auto wait = wait_before_retry(kPolicy, attempt, throttled, Deadline::max(), random);
    if (!wait) return {milliseconds(-1), milliseconds(-1)};
    least = std::min(least, *wait);
    most = std::max(most, *wait);
  }
  return {least, most};
}

TEST(Retry, JitterIsFullAndItsBoundDoubles) {
  for (const auto& [attempt, throttled, bound] : {std::tuple{1, false, 50},
                                                  {2, false, 100},
                                                  {4, false, 400},
                                                  {1, true, 200},
                                                  {3, true, 800},
                                                  {10, false, 5000},
                                                  {19, true, 5000}}) {
    const auto [least, most] = range_of(attempt, throttled);
    EXPECT_LE(most.count(), bound) << attempt;
    EXPECT_GE(most.count(), bound * 95 / 100) << attempt;
    EXPECT_LE(least.count(), bound * 5 / 100) << attempt;
  }
}

TEST(Retry, AttemptsEnd) {
  SeededRandom random;
  EXPECT_TRUE(wait_before_retry(kPolicy, 19, false, Deadline::max(), random));
  EXPECT_FALSE(wait_before_retry(kPolicy, 20, false, Deadline::max(), random));
  EXPECT_FALSE(wait_before_retry({.attempts = 1}, 1, false, Deadline::max(), random));
}

TEST(Retry, NeverBeyondTheDeadline) {
  SeededRandom random;
  EXPECT_FALSE(wait_before_retry(kPolicy, 1, false, deadline_in(milliseconds(-1)), random));
  for (int i = 0; i < 1000; ++i) {
    const auto wait = wait_before_retry(kPolicy, 8, false, deadline_in(milliseconds(500)), random);
    if (wait) {
      EXPECT_LT(wait->count(), 500);
    }
  }
}

TEST(Retry, ABaseOfNothingIsNoWait) {
  SeededRandom random;
  EXPECT_EQ(wait_before_retry({.base = milliseconds(0)}, 3, false, Deadline::max(), random),
            milliseconds(0));
}

}  // namespace
}  // namespace tintype::testing

// How long to wait before a request is sent again: exponential backoff with full jitter, within the
// request's deadline.
//
// Source: "Exponential Backoff And Jitter", AWS Architecture Blog; the AWS SDKs' standard mode.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/random.h"

namespace tintype {

struct BackoffPolicy {
  int attempts = 6;                  // the first one included
  milliseconds base{50};             // the bound of the first wait; it doubles each time
  milliseconds throttled_base{200};  // the same after a throttled request
  milliseconds longest{5000};
};

// A random wait from 0 to the bound of this attempt (1: the first one has just failed); nothing
// when there are no attempts left or the deadline would pass meanwhile.
std::optional<milliseconds> wait_before_retry(const BackoffPolicy& policy, int attempt,
                                              bool throttled, Deadline deadline, Random& random);

}  // namespace tintype

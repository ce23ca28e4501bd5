// The time that the work of this thread may take, for the steps below that cannot be told: the
// ports take no deadlines, and an adapter that waits for a network asks here.
//
//   DeadlineScope scope(request.deadline);      // in a front or a service
//   request.deadline = step_deadline(seconds(10));  // in an adapter: ten seconds, or what is left
//
// Scopes nest: the nearest deadline holds. They are of one thread and end in reverse order.
#pragma once

#include "base/clock.h"

namespace tintype {

class DeadlineScope {
 public:
  explicit DeadlineScope(Deadline deadline);
  ~DeadlineScope();
  DeadlineScope(const DeadlineScope&) = delete;
  DeadlineScope& operator=(const DeadlineScope&) = delete;

 private:
  Deadline outer_;
};

// When a step must end that takes `most` by itself: then, or at the scope's deadline. After that
// each step has kTidyingTime, so that what was begun can still be given back.
Deadline step_deadline(std::chrono::steady_clock::duration most);

inline constexpr milliseconds kTidyingTime{200};

}  // namespace tintype

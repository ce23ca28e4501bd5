#include "base/deadline_scope.h"

#include <algorithm>

namespace tintype {
namespace {

thread_local Deadline current = Deadline::max();

}  // namespace

DeadlineScope::DeadlineScope(Deadline deadline) : outer_(current) {
  current = std::min(current, deadline);
}

DeadlineScope::~DeadlineScope() { current = outer_; }

Deadline step_deadline(std::chrono::steady_clock::duration most) {
  const Deadline by_itself = deadline_in(most);
  if (by_itself <= current) return by_itself;
  return std::min(by_itself, std::max(current, deadline_in(kTidyingTime)));
}

}  // namespace tintype

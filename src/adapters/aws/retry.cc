#include "adapters/aws/retry.h"

#include <algorithm>
#include <cstring>

namespace tintype {
namespace {

milliseconds random_up_to(milliseconds bound, Random& random) {
  std::uint64_t bits = 0;
  random.fill(std::as_writable_bytes(std::span(&bits, 1)));
  return milliseconds(bits % static_cast<std::uint64_t>(bound.count() + 1));
}

}  // namespace

std::optional<milliseconds> wait_before_retry(const BackoffPolicy& policy, int attempt,
                                              bool throttled, Deadline deadline, Random& random) {
  if (attempt >= policy.attempts) return std::nullopt;
  const milliseconds base = throttled ? policy.throttled_base : policy.base;
  const milliseconds bound = std::min(policy.longest, base * (1 << std::min(attempt - 1, 16)));
  const milliseconds wait = random_up_to(bound, random);
  if (std::chrono::steady_clock::now() + wait >= deadline) return std::nullopt;
  return wait;
}

}  // namespace tintype

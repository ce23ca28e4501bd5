// Randomness, passed in so that tests can repeat it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tintype {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes fit for keys and identifiers. May be called from any thread.
  virtual void fill(std::span<std::byte> out) = 0;
};

// The kernel's generator (getrandom(2)). Ends the process if the kernel refuses, which it does not
// after boot.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

// `count` random bytes as a byte string.
std::string random_bytes(Random& random, std::size_t count);

}  // namespace tintype

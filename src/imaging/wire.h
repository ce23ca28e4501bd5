// The encoding of worker messages: little-endian integers and counted texts, written and read in
// the same order on both sides.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace tintype {

class WireWriter {
 public:
  template <typename T>
  WireWriter& integer(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      out_ += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
    return *this;
  }
  WireWriter& real(double value) { return integer(std::bit_cast<std::uint64_t>(value)); }
  WireWriter& text(std::string_view value) {
    integer(static_cast<std::uint32_t>(value.size()));
    out_ += value;
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Failure sticks: after the first read that does not fit, everything reads as zero and done() is
// false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T integer() {
    std::uint64_t value = 0;
    std::string_view part = take(sizeof(T));
    for (std::size_t i = 0; i < part.size(); ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(part[i])) << (8 * i);
    return static_cast<T>(value);
  }
  // A finite number from `low` to `high`.
  double real(double low, double high) {
    double value = std::bit_cast<double>(integer<std::uint64_t>());
    check(std::isfinite(value) && value >= low && value <= high);
    return failed_ ? 0 : value;
  }
  bool flag() {
    auto value = integer<std::uint8_t>();
    check(value <= 1);
    return value == 1;
  }
  std::string text(std::size_t max_bytes) {
    auto size = integer<std::uint32_t>();
    check(size <= max_bytes);
    return std::string(take(failed_ ? 0 : size));
  }
  void check(bool holds) { failed_ = failed_ || !holds; }
  // Everything was read, all of it was fine, and nothing is left.
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    check(count <= rest_.size());
    if (failed_) return {};
    std::string_view part = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return part;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace tintype

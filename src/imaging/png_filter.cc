#include "imaging/png_filter.h"

#include <cstdlib>
#include <cstring>

namespace tintype {
namespace {

// What filters look at beside each byte: the same byte of the pixels around.
struct Neighbours {
  const std::uint8_t* row;
  const std::uint8_t* left;
  const std::uint8_t* up;
  const std::uint8_t* corner;  // left of the one above
};

std::uint8_t average(int left, int up) { return static_cast<std::uint8_t>((left + up) >> 1); }

// In 16 bits, so that the compiler makes vectors of it.
std::uint8_t paeth(std::int16_t left, std::int16_t up, std::int16_t corner) {
  const auto by_left = static_cast<std::int16_t>(std::abs(up - corner));
  const auto by_up = static_cast<std::int16_t>(std::abs(left - corner));
  const auto by_corner = static_cast<std::int16_t>(std::abs(left + up - 2 * corner));
  const std::int16_t other = by_up <= by_corner ? up : corner;
  return static_cast<std::uint8_t>(by_left <= by_up && by_left <= by_corner ? left : other);
}

// One loop for each filter: what it subtracts depends on left, up and the corner between them.
template <typename Predict>
void subtract(const Neighbours& n, std::uint8_t* out, std::size_t bytes, Predict predict) {
  for (std::size_t i = 0; i < bytes; ++i)
    out[i] = static_cast<std::uint8_t>(n.row[i] - predict(n.left[i], n.up[i], n.corner[i]));
}

void filter_row(int filter, const Neighbours& n, std::uint8_t* out, std::size_t bytes) {
  switch (filter) {
    case 1: return subtract(n, out, bytes, [](auto left, auto, auto) { return left; });
    case 2: return subtract(n, out, bytes, [](auto, auto up, auto) { return up; });
    case 3:
      return subtract(n, out, bytes, [](auto left, auto up, auto) { return average(left, up); });
    default:
      return subtract(n, out, bytes,
                      [](auto left, auto up, auto corner) { return paeth(left, up, corner); });
  }
}

// Differences of either sign count alike.
std::uint64_t cost_of(const std::uint8_t* row, std::size_t bytes) {
  std::uint64_t sum = 0;
  // In parts that 32 bits hold, for vectors' sake.
  for (std::size_t from = 0; from < bytes; from += 65536) {
    const std::size_t end = from + 65536 < bytes ? from + 65536 : bytes;
    std::uint32_t part = 0;
    for (std::size_t i = from; i < end; ++i) {
      const auto minus = static_cast<std::uint8_t>(-row[i]);
      part += row[i] < minus ? row[i] : minus;
    }
    sum += part;
  }
  return sum;
}

}  // namespace

PngFilter::PngFilter(std::size_t row_bytes, std::size_t pixel_bytes)
    : row_bytes_(row_bytes),
      pixel_bytes_(pixel_bytes),
      above_(pixel_bytes + row_bytes),
      row_(pixel_bytes + row_bytes),
      filtered_(row_bytes * (kFilters - 1)) {}

void PngFilter::append(const std::uint8_t* row, std::vector<std::uint8_t>& to) {
  std::memcpy(row_.data() + pixel_bytes_, row, row_bytes_);
  const Neighbours n{row_.data() + pixel_bytes_, row_.data(), above_.data() + pixel_bytes_,
                     above_.data()};
  const std::uint8_t* best = n.row;
  std::uint8_t chosen = 0;
  std::uint64_t least = cost_of(best, row_bytes_);
  for (int filter = 1; filter < kFilters; ++filter) {
    std::uint8_t* out = filtered_.data() + row_bytes_ * static_cast<std::size_t>(filter - 1);
    filter_row(filter, n, out, row_bytes_);
    const std::uint64_t cost = cost_of(out, row_bytes_);
    if (cost >= least) continue;
    least = cost;
    best = out;
    chosen = static_cast<std::uint8_t>(filter);
  }
  to.push_back(chosen);
  to.insert(to.end(), best, best + row_bytes_);
  row_.swap(above_);
}

}  // namespace tintype

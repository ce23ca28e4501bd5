#include "imaging/perceptual_hash.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tintype {
namespace {

constexpr std::size_t kCells = 32;  // along each side
constexpr std::size_t kWaves = 8;   // along each side
// A wave with an amplitude of a quarter of a grey level has a coefficient of 4 = 0.25 * kCells / 2.
constexpr double kDeadZone = 4;

using Side = std::array<double, kCells>;
using Grid = std::array<Side, kCells>;  // rows

double luma_over_white(const std::uint8_t* pixel) {
  const double alpha = pixel[3] / 255.0;
  return (0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]) * alpha + 255 * (1 - alpha);
}

// Shares `value`, which lies at place `at` of `length`, among the cells that it touches along one
// side: calls `add(cell, part)` with parts of 1.
template <typename Add>
void share(std::size_t at, std::size_t length, Add add) {
  const double cells_each = static_cast<double>(kCells) / static_cast<double>(length);
  const double begin = static_cast<double>(at) * cells_each;
  const double end = begin + cells_each;
  for (auto cell = static_cast<std::size_t>(begin); cell < kCells; ++cell) {
    const auto left = static_cast<double>(cell);
    const double part = std::min(end, left + 1) - std::max(begin, left);
    if (part <= 0) return;
    add(cell, part);
  }
}

Grid cell_means(const SmallPicture& picture) {
  Grid grid{};
  for (std::size_t y = 0; y < picture.height; ++y) {
    Side row{};
    for (std::size_t x = 0; x < picture.width; ++x) {
      const double luma = luma_over_white(&picture.rgba[(y * picture.width + x) * 4]);
      share(x, picture.width, [&](std::size_t cell, double part) { row[cell] += luma * part; });
    }
    share(y, picture.height, [&](std::size_t cell, double part) {
      for (std::size_t x = 0; x < kCells; ++x) grid[cell][x] += row[x] * part;
    });
  }
  return grid;
}

Side wave_of(std::size_t frequency) {
  Side wave{};
  const double scale = std::sqrt((frequency == 0 ? 1.0 : 2.0) / kCells);
  for (std::size_t i = 0; i < kCells; ++i)
    wave[i] = scale * std::cos(std::numbers::pi / kCells * (static_cast<double>(i) + 0.5) *
                               static_cast<double>(frequency));
  return wave;
}

double coefficient(const Grid& grid, std::size_t fx, std::size_t fy) {
  const Side across = wave_of(fx);
  const Side down = wave_of(fy);
  double sum = 0;
  for (std::size_t y = 0; y < kCells; ++y)
    for (std::size_t x = 0; x < kCells; ++x) sum += grid[y][x] * across[x] * down[y];
  return std::abs(sum) < kDeadZone ? 0 : sum;
}

using Coefficients = std::array<double, kWaves * kWaves>;

Coefficients low_frequencies(const Grid& grid) {
  Coefficients out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = coefficient(grid, i == 0 ? kWaves : i % kWaves, i / kWaves);
  return out;
}

double median(Coefficients values) {
  std::sort(values.begin(), values.end());
  return (values[values.size() / 2 - 1] + values[values.size() / 2]) / 2;
}

std::string hex_of(std::uint64_t bits) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, bits >>= 4)
    *digit = "0123456789abcdef"[bits & 15];
  return text;
}

}  // namespace

std::string perceptual_hash(const SmallPicture& picture) {
  const std::uint64_t bytes = std::uint64_t{picture.width} * picture.height * 4;
  if (bytes == 0 || picture.rgba.size() != bytes) return {};
  const Coefficients values = low_frequencies(cell_means(picture));
  const double middle = median(values);
  std::uint64_t bits = 0;
  for (const double value : values) bits = bits << 1 | (value > middle ? 1 : 0);
  return hex_of(bits);
}

}  // namespace tintype

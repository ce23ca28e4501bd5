#include "imaging/thumb_hash.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tintype {
namespace {

// Below this a wave is rounding noise of a flat channel and must not be blown up to full scale.
constexpr double kNoise = 1e-9;

enum Plane : std::uint8_t { kLuma, kYellowBlue, kRedGreen, kAlpha };

struct Planes {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool has_alpha = false;
  std::array<std::vector<double>, 4> values;
};

using Pixel = std::array<double, 4>;  // 0 to 1

Pixel pixel_at(const SmallPicture& picture, std::size_t i) {
  Pixel pixel{};
  for (std::size_t c = 0; c < 4; ++c) pixel[c] = picture.rgba[i * 4 + c] / 255.0;
  return pixel;
}

// The mean colour weighted by alpha, and as fourth the sum of alpha.
Pixel mean_colour(const SmallPicture& picture, std::size_t pixels) {
  Pixel sum{};
  for (std::size_t i = 0; i < pixels; ++i) {
    const Pixel pixel = pixel_at(picture, i);
    for (std::size_t c = 0; c < 3; ++c) sum[c] += pixel[c] * pixel[3];
    sum[3] += pixel[3];
  }
  if (sum[3] > 0)
    for (std::size_t c = 0; c < 3; ++c) sum[c] /= sum[3];
  return sum;
}

// Where the picture is transparent its mean colour shows, which costs the fewest waves.
Planes split(const SmallPicture& picture) {
  const std::size_t pixels = std::size_t{picture.width} * picture.height;
  const Pixel mean = mean_colour(picture, pixels);
  Planes planes{picture.width, picture.height, mean[3] < static_cast<double>(pixels) - kNoise, {}};
  for (auto& plane : planes.values) plane.resize(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    const Pixel pixel = pixel_at(picture, i);
    std::array<double, 3> c{};
    for (std::size_t k = 0; k < 3; ++k) c[k] = mean[k] * (1 - pixel[3]) + pixel[k] * pixel[3];
    planes.values[kLuma][i] = (c[0] + c[1] + c[2]) / 3;
    planes.values[kYellowBlue][i] = (c[0] + c[1]) / 2 - c[2];
    planes.values[kRedGreen][i] = c[0] - c[1];
    planes.values[kAlpha][i] = pixel[3];
  }
  return planes;
}

struct Waves {
  double mean = 0;
  double greatest = 0;
  std::vector<double> rest;  // 0 to 1, of -greatest to greatest
};

// cos(pi / length * frequency * (at + 1/2)) for every place along a side.
std::vector<double> cosines(std::uint32_t length, std::uint32_t frequency) {
  std::vector<double> out(length);
  for (std::uint32_t at = 0; at < length; ++at)
    out[at] = std::cos(std::numbers::pi / length * frequency * (at + 0.5));
  return out;
}

double wave(const Planes& planes, Plane plane, std::uint32_t fx, std::uint32_t fy) {
  const auto along_x = cosines(planes.width, fx);
  const auto along_y = cosines(planes.height, fy);
  double sum = 0;
  for (std::size_t y = 0; y < planes.height; ++y)
    for (std::size_t x = 0; x < planes.width; ++x)
      sum += planes.values[plane][y * planes.width + x] * along_x[x] * along_y[y];
  return sum / (static_cast<double>(planes.width) * planes.height);
}

Waves transform(const Planes& planes, Plane plane, std::uint32_t nx, std::uint32_t ny) {
  Waves waves;
  waves.mean = wave(planes, plane, 0, 0);
  for (std::uint32_t fy = 0; fy < ny; ++fy)
    for (std::uint32_t fx = fy == 0 ? 1 : 0; fx * ny < nx * (ny - fy); ++fx) {
      waves.rest.push_back(wave(planes, plane, fx, fy));
      waves.greatest = std::max(waves.greatest, std::abs(waves.rest.back()));
    }
  const bool flat = waves.greatest < kNoise;
  if (flat) waves.greatest = 0;
  for (double& value : waves.rest) value = flat ? 0.5 : 0.5 + 0.5 / waves.greatest * value;
  return waves;
}

std::uint32_t rounded(double value) { return static_cast<std::uint32_t>(std::lround(value)); }

// How many waves of luminance fit a side: `most` along the longer one, in proportion along the
// other.
std::uint32_t waves_along(std::uint32_t side, std::uint32_t longer, std::uint32_t most) {
  return std::max(1u, rounded(static_cast<double>(most * side) / longer));
}

class BitWriter {
 public:
  void bytes(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) out_ += static_cast<char>(value >> (8 * i));
  }
  void nibble(std::uint32_t value) {
    if (half_)
      out_.back() = static_cast<char>(static_cast<unsigned char>(out_.back()) | value << 4);
    else out_ += static_cast<char>(value);
    half_ = !half_;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  bool half_ = false;
};

std::string written(const Planes& planes) {
  const bool landscape = planes.width > planes.height;
  const std::uint32_t most = planes.has_alpha ? 5 : 7;
  const std::uint32_t longer = std::max(planes.width, planes.height);
  const std::uint32_t nx = waves_along(planes.width, longer, most);
  const std::uint32_t ny = waves_along(planes.height, longer, most);
  std::vector<Waves> all{transform(planes, kLuma, std::max(3u, nx), std::max(3u, ny)),
                         transform(planes, kYellowBlue, 3, 3), transform(planes, kRedGreen, 3, 3)};
  if (planes.has_alpha) all.push_back(transform(planes, kAlpha, 5, 5));
  BitWriter out;
  out.bytes(rounded(63 * all[0].mean) | rounded(31.5 + 31.5 * all[1].mean) << 6 |
                rounded(31.5 + 31.5 * all[2].mean) << 12 | rounded(31 * all[0].greatest) << 18 |
                std::uint32_t{planes.has_alpha} << 23,
            3);
  out.bytes((landscape ? ny : nx) | rounded(63 * all[1].greatest) << 3 |
                rounded(63 * all[2].greatest) << 9 | std::uint32_t{landscape} << 15,
            2);
  if (planes.has_alpha)
    out.bytes(rounded(15 * all[3].mean) | rounded(15 * all[3].greatest) << 4, 1);
  for (const auto& waves : all)
    for (const double value : waves.rest) out.nibble(rounded(15 * value));
  return out.take();
}

}  // namespace

std::string thumb_hash(const SmallPicture& picture) {
  const std::uint64_t bytes = std::uint64_t{picture.width} * picture.height * 4;
  if (bytes == 0 || picture.width > kSmallPictureSide || picture.height > kSmallPictureSide ||
      picture.rgba.size() != bytes)
    return {};
  return written(split(picture));
}

}  // namespace tintype

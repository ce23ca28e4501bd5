// The inner loops of resizing, each compiled for several vector units; the widest one that this
// machine has is chosen at the first call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype {

// How one side is resampled: output i is the sum over k of weights[i * taps + k] * input[start[i] +
// k]. The weights of an output add up to 1.
struct RowWeights {
  std::uint32_t outputs = 0;
  std::uint32_t taps = 0;  // a multiple of kTapsAtOnce
  const std::uint32_t* start = nullptr;
  const float* weights = nullptr;
  const float* spread = nullptr;  // each weight four times, once for each band of a pixel
};

// White in linear light: 15 bits, so that vector units can multiply it with a sign.
inline constexpr int kFullLight = 32767;

// What rows contribute to two sums.
struct RowShares {
  std::size_t rows = 0;
  const float* weights[2] = {};
  float* out[2] = {};
};

inline constexpr std::uint32_t kTapsAtOnce = 4;
// Pixels that are read behind the end of a row, to be multiplied by 0.
inline constexpr std::size_t kRowPadding = kTapsAtOnce;

struct RowKernels {
  void (*to_linear)(const std::uint8_t* in, std::uint16_t* out, std::size_t samples);
  // Two rows of pixels of three bands, the upper one in linear light already, become one: each
  // pixel is the average of two by two, the last one of an odd number of two. May write one sample
  // more than there are.
  void (*halve_rows)(const std::uint16_t* above, const std::uint8_t* below, std::uint16_t* out,
                     std::size_t pixels);
  // out[i] = sum over k of weights[k] * rows[k][i], for two sets of weights, each with its own out:
  // most rows have a part in two neighbouring ones, and are read once so.
  void (*combine_rows)(const std::uint16_t* const* rows, const RowShares& shares,
                       std::size_t samples);
  // Pixels of three bands become pixels of four, the last one 0. Reads one float more than there
  // are.
  void (*spread_row)(const float* in, float* out, std::size_t pixels);
  // Resamples one row of pixels of 4 bands, of which the first `bands` (3 or 4) are written,
  // clamped to kFullLight.
  void (*resample_row)(const float* in, std::uint16_t* out, const RowWeights& weights,
                       std::uint32_t bands);
  // The same for one band.
  void (*resample_gray)(const float* in, std::uint16_t* out, const RowWeights& weights);
};

const RowKernels& row_kernels();

// Those of one vector unit, for tests: 0 is the plain one. Null where the machine lacks it.
const RowKernels* row_kernels_of(int level);

}  // namespace tintype

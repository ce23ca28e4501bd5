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

inline constexpr std::uint32_t kTapsAtOnce = 4;
// Pixels that are read behind the end of a row, to be multiplied by 0.
inline constexpr std::size_t kRowPadding = kTapsAtOnce;

struct RowKernels {
  void (*to_linear)(const std::uint8_t* in, std::uint16_t* out, std::size_t samples);
  // out[i] = sum over k of weights[k] * rows[k][i].
  void (*combine_rows)(const std::uint16_t* const* rows, const float* weights, std::size_t taps,
                       float* out, std::size_t samples);
  // Pixels of three bands become pixels of four, the last one 0. Reads one float more than there
  // are.
  void (*spread_row)(const float* in, float* out, std::size_t pixels);
  // The same with the sums of two neighbours each, the last of an odd number twice itself.
  void (*spread_pairs)(const float* in, float* out, std::size_t pixels);
  // The averages of two rows.
  void (*average_rows)(const std::uint16_t* a, const std::uint16_t* b, std::uint16_t* out,
                       std::size_t samples);
  // Resamples one row of pixels of 4 bands, of which the first `bands` (3 or 4) are written,
  // clamped to 0-65535.
  void (*resample_row)(const float* in, std::uint16_t* out, const RowWeights& weights,
                       std::uint32_t bands);
  // The same for one band.
  void (*resample_gray)(const float* in, std::uint16_t* out, const RowWeights& weights);
};

const RowKernels& row_kernels();

// Those of one vector unit, for tests: 0 is the plain one. Null where the machine lacks it.
const RowKernels* row_kernels_of(int level);

}  // namespace tintype

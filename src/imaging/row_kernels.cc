#include "imaging/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>

// clang, which only the checks use, knows no `#pragma GCC target`; it gets the plain ones.
#if defined(__x86_64__) && !defined(__clang__)
#define TINTYPE_HAS_VECTOR_UNITS
#include <immintrin.h>
#endif

namespace tintype {
namespace {

namespace plain {
#define TINTYPE_LANES 4
#include "imaging/row_kernels.inc"
#undef TINTYPE_LANES
}  // namespace plain

#ifdef TINTYPE_HAS_VECTOR_UNITS
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
#define TINTYPE_LANES 8
#include "imaging/row_kernels.inc"
#undef TINTYPE_LANES
}  // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512")
namespace avx512 {
#define TINTYPE_LANES 16
#include "imaging/row_kernels.inc"
#undef TINTYPE_LANES

using Wide = Vectors<16>::Floats;

// All taps of one output, four pixels in a vector.
inline Wide weighted_sum(const float* in, const float* spread, std::uint32_t taps) {
  Wide sum = {};
  for (std::uint32_t k = 0; k < taps * 4; k += 16)
    sum += load<Wide>(in + k) * load<Wide>(spread + k);
  return sum;
}

// The four quarters of each argument, added up, side by side.
inline __m512 sums_of_quarters(__m512 a, __m512 b, __m512 c, __m512 d) {
  const __m512 ab = _mm512_shuffle_f32x4(a, b, 0x88) + _mm512_shuffle_f32x4(a, b, 0xDD);
  const __m512 cd = _mm512_shuffle_f32x4(c, d, 0x88) + _mm512_shuffle_f32x4(c, d, 0xDD);
  return _mm512_shuffle_f32x4(ab, cd, 0x88) + _mm512_shuffle_f32x4(ab, cd, 0xDD);
}

inline __m256i clamped_pixels(__m512 value) {
  value = _mm512_max_ps(value + 0.5f, _mm512_setzero_ps());
  return _mm512_cvtsepi32_epi16(_mm512_cvttps_epi32(value));
}

// The fourth bands go to the end, where nobody looks.
inline __m256i packed_rgb(__m256i pixels) {
  const __m256i order = _mm256_setr_epi16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
  return _mm256_permutexvar_epi16(order, pixels);
}

// Four outputs at once: what comes after the sums then costs a quarter.
template <int Bands>
inline void resample_fours(const float* in, std::uint16_t* out, const RowWeights& w) {
  const std::size_t stride = std::size_t{w.taps} * 4;
  const auto sum = [&](std::uint32_t x) {
    return __m512(weighted_sum(in + std::size_t{w.start[x]} * 4, w.spread + x * stride, w.taps));
  };
  constexpr __mmask16 kWritten = Bands == 3 ? 0x0FFF : 0xFFFF;
  std::uint32_t x = 0;
  for (; x + 4 <= w.outputs; x += 4) {
    const __m512 sums = sums_of_quarters(sum(x), sum(x + 1), sum(x + 2), sum(x + 3));
    const __m256i pixels = clamped_pixels(sums);
    _mm256_mask_storeu_epi16(out + std::size_t{x} * Bands, kWritten,
                             Bands == 3 ? packed_rgb(pixels) : pixels);
  }
  const RowWeights rest{w.outputs - x, w.taps, w.start + x, nullptr, w.spread + x * stride};
  resample_pixels<16, Bands>(in, out + std::size_t{x} * Bands, rest);
}

inline void resample_by_fours(const float* in, std::uint16_t* out, const RowWeights& w,
                              std::uint32_t bands) {
  if (bands == 3) resample_fours<3>(in, out, w);
  else resample_fours<4>(in, out, w);
}

constexpr RowKernels kFours{to_linear,  halve_rows,        combine_rows,
                            spread_row, resample_by_fours, resample_gray};

}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni")
namespace avx512_bytes {

// A table of 256 bytes in four registers.
struct ByteTable {
  __m512i part[4];
  explicit ByteTable(const std::uint8_t* bytes) {
    for (int i = 0; i < 4; ++i) part[i] = _mm512_loadu_si512(bytes + 64 * i);
  }
  __m512i at(__m512i index) const {
    const __m512i low = _mm512_permutex2var_epi8(part[0], index, part[1]);
    const __m512i high = _mm512_permutex2var_epi8(part[2], index, part[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
  }
};

struct HalfTables {
  std::uint8_t low[256];
  std::uint8_t high[256];
  HalfTables() {
    std::uint8_t codes[256];
    std::uint16_t light[256];
    for (int i = 0; i < 256; ++i) codes[i] = static_cast<std::uint8_t>(i);
    avx512::to_linear(codes, light, 256);
    for (int i = 0; i < 256; ++i) {
      low[i] = static_cast<std::uint8_t>(light[i] & 0xFF);
      high[i] = static_cast<std::uint8_t>(light[i] >> 8);
    }
  }
};

// The same values from tables that lie in registers, which is three times as quick.
void to_linear(const std::uint8_t* in, std::uint16_t* out, std::size_t n) {
  static const HalfTables tables;
  const ByteTable low(tables.low), high(tables.high);
  // Unpacking works within quarters of a register: so they are interleaved before.
  const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    const __m512i codes = _mm512_permutexvar_epi64(order, _mm512_loadu_si512(in + i));
    const __m512i a = low.at(codes), b = high.at(codes);
    _mm512_storeu_si512(out + i, _mm512_unpacklo_epi8(a, b));
    _mm512_storeu_si512(out + i + 32, _mm512_unpackhi_epi8(a, b));
  }
  avx512::to_linear(in + i, out + i, n - i);
}

// Weights of 15 bits, two rows' in each number. They still add up to 1 exactly, so even areas stay
// as they are; each may be off by 1/65536.
struct WeightPairs {
  static constexpr std::size_t kMost = 40;
  std::int32_t pair[kMost];
  std::size_t count = 0;

  // False for weights that 15 bits do not hold well: too many small ones, or a whole one.
  bool set(const float* weights, std::size_t taps) {
    if (taps > 2 * kMost) return false;
    float sum = 0, before = 0;
    for (std::size_t k = 0; k < taps; ++k) {
      sum += weights[k];
      const float now = std::nearbyint(sum * 32768.0f);
      const float whole = now - before;
      before = now;
      if (whole > 32767.0f || whole < -32768.0f) return false;
      const auto bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(whole)) & 0xFFFF;
      const auto first = k % 2 == 0 ? 0 : static_cast<std::uint32_t>(pair[k / 2]);
      pair[k / 2] = static_cast<std::int32_t>(first | bits << (k % 2 == 0 ? 0 : 16));
    }
    count = (taps + 1) / 2;
    return before == 32768.0f;
  }
};

// Unpacking works within quarters of a register.
inline void store_unpacked(__m512i low, __m512i high, float* to) {
  const __m512i front = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const __m512i back = front + _mm512_set1_epi32(8);
  const __m512 one = _mm512_cvtepi32_ps(low) * (1 / 32768.0f);
  const __m512 two = _mm512_cvtepi32_ps(high) * (1 / 32768.0f);
  _mm512_storeu_ps(to, _mm512_permutex2var_ps(one, front, two));
  _mm512_storeu_ps(to + 16, _mm512_permutex2var_ps(one, back, two));
}

// The sums of 32 samples of each block, in whole numbers: half the instructions of floats.
template <int Blocks>
inline void combine_pairs(const std::uint16_t* const* rows, const WeightPairs* weights,
                          const RowShares& shares, std::size_t at) {
  __m512i low[2][Blocks] = {}, high[2][Blocks] = {};
  for (std::size_t k = 0; k < weights[0].count; ++k) {
    const __m512i first = _mm512_set1_epi32(weights[0].pair[k]);
    const __m512i second = _mm512_set1_epi32(weights[1].pair[k]);
    for (int b = 0; b < Blocks; ++b) {
      const std::size_t i = at + static_cast<std::size_t>(b) * 32;
      const __m512i upper = _mm512_loadu_si512(rows[2 * k] + i);
      const __m512i lower = _mm512_loadu_si512(rows[2 * k + 1] + i);
      const __m512i front = _mm512_unpacklo_epi16(upper, lower);
      const __m512i back = _mm512_unpackhi_epi16(upper, lower);
      low[0][b] = _mm512_dpwssd_epi32(low[0][b], front, first);
      low[1][b] = _mm512_dpwssd_epi32(low[1][b], front, second);
      high[0][b] = _mm512_dpwssd_epi32(high[0][b], back, first);
      high[1][b] = _mm512_dpwssd_epi32(high[1][b], back, second);
    }
  }
  for (int s = 0; s < 2; ++s)
    for (int b = 0; b < Blocks; ++b)
      store_unpacked(low[s][b], high[s][b], shares.out[s] + at + static_cast<std::size_t>(b) * 32);
}

void combine_rows(const std::uint16_t* const* rows, const RowShares& shares, std::size_t n) {
  WeightPairs pairs[2];
  for (int s = 0; s < 2; ++s)
    if (!pairs[s].set(shares.weights[s], shares.rows)) return avx512::combine_rows(rows, shares, n);
  const std::uint16_t* paired[2 * WeightPairs::kMost];
  std::copy(rows, rows + shares.rows, paired);
  if (shares.rows % 2 != 0) paired[shares.rows] = rows[shares.rows - 1];  // its weight is 0
  std::size_t i = 0;
  for (; i + 128 <= n; i += 128) combine_pairs<4>(paired, pairs, shares, i);
  for (; i + 32 <= n; i += 32) combine_pairs<1>(paired, pairs, shares, i);
  avx512::combine_from(i, rows, shares, n);
}

void halve_rows(const std::uint16_t* above, const std::uint8_t* below, std::uint16_t* out,
                std::size_t pixels) {
  avx512::halve_by<to_linear>(above, below, out, pixels);
}

constexpr RowKernels kKernels{to_linear,
                              halve_rows,
                              combine_rows,
                              avx512::spread_row,
                              avx512::resample_by_fours,
                              avx512::resample_gray};

}  // namespace avx512_bytes
#pragma GCC pop_options
#endif

}  // namespace

const RowKernels* row_kernels_of(int level) {
  if (level == 0) return &plain::kKernels;
#ifdef TINTYPE_HAS_VECTOR_UNITS
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512dq");
  if (level == 1 && avx2) return &avx2::kKernels;
  if (level == 2 && avx512) return &avx512::kFours;
  if (level == 3 && avx512 && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("avx512vnni"))
    return &avx512_bytes::kKernels;
#endif
  return nullptr;
}

const RowKernels& row_kernels() {
  static const RowKernels& chosen = [&]() -> const RowKernels& {
    for (int level : {3, 2, 1})
      if (const auto* kernels = row_kernels_of(level)) return *kernels;
    return plain::kKernels;
  }();
  return chosen;
}

}  // namespace tintype

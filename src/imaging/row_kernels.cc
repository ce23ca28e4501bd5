#include "imaging/row_kernels.h"

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
}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi")
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

constexpr RowKernels kKernels{to_linear, avx512::combine_rows, avx512::spread_row,
                              avx512::resample_row, avx512::resample_gray};

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
  if (level == 2 && avx512) return &avx512::kKernels;
  if (level == 3 && avx512 && __builtin_cpu_supports("avx512vbmi")) return &avx512_bytes::kKernels;
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

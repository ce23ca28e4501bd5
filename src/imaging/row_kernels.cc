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
#endif
  return nullptr;
}

const RowKernels& row_kernels() {
  static const RowKernels& chosen = [&]() -> const RowKernels& {
    for (int level : {2, 1})
      if (const auto* kernels = row_kernels_of(level)) return *kernels;
    return plain::kKernels;
  }();
  return chosen;
}

}  // namespace tintype

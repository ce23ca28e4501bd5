// A vector whose elements begin at a cache line, so that loads of whole vectors do not straddle
// two.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace tintype {

inline constexpr std::size_t kCacheLine = 64;

template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <typename U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}
  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(kCacheLine)));
  }
  void deallocate(T* at, std::size_t) { ::operator delete(at, std::align_val_t(kCacheLine)); }
  bool operator==(const CacheLineAllocator&) const = default;
};

template <typename T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace tintype

#include <cstdlib>

#include "imaging/icc_profile.h"
#include "imaging/icc_rewrite.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (tintype::icc_profile_name({reinterpret_cast<const char*>(data), size}).size() > 128)
    std::abort();
  // Sixteen tags, each at most the whole profile.
  if (tintype::colors_of_profile({reinterpret_cast<const char*>(data), size}).size() >
      16 * size + 1024)
    std::abort();
  return 0;
}

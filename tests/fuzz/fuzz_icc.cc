#include <cstdlib>

#include "imaging/icc_profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (tintype::icc_profile_name({reinterpret_cast<const char*>(data), size}).size() > 128)
    std::abort();
  return 0;
}

#include <cstdlib>

#include "imaging/exif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto exif = tintype::parse_exif({reinterpret_cast<const char*>(data), size});
  if (exif.orientation < 1 || exif.orientation > 8) std::abort();
  return 0;
}

// `last_key` of a list: nobody makes one without the secret.
#include <cstdlib>

#include "domain/cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  const std::string secret(32, 's');
  auto position = decode_cursor(ImageQuery(), {reinterpret_cast<const char*>(data), size}, secret);
  if (!position.ok() && position.error().code != "invalid_cursor") std::abort();
  if (position.ok() && encode_cursor(ImageQuery(), *position, secret).size() != size) std::abort();
  return 0;
}

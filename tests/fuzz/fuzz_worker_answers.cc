// What a worker that a file has taken over may say, and what a worker may be told.
#include "imaging/rendition_wire.h"
#include "imaging/worker_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)decode_hello(bytes);
  (void)decode_answer(bytes);
  (void)decode_inspect_answer(bytes);
  (void)decode_render_answer(bytes);
  (void)decode_job(bytes);
  (void)decode_render_wishes(bytes);
  return 0;
}

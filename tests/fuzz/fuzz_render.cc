// The bytes of an original through a rendition, as a worker makes it.
#include <cstdlib>

#include "fuzz/fuzz_picture.h"
#include "imaging/failures.h"
#include "imaging/render.h"
#include "imaging/rendition_wire.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  tintype::fuzz::start_decoders();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  const auto input = fuzz::read_input(data, size);
  auto files = render_file(input.file, input.specs, input.policy, fuzz::small_limits(),
                           fuzz::start_decoders(), fuzz::empty_outputs(input.specs.size()));
  if (!files.ok()) {
    if (!is_image_failure_code(files.error().code)) std::abort();
    return 0;
  }
  if (files->size() != input.specs.size()) std::abort();
  for (const auto& file : *files)
    if (file.size == 0 || file.width == 0 || file.width > kMaxRenditionSide) std::abort();
  if (!decode_render_answer(encode_render_answer(*files)).ok()) std::abort();
  return 0;
}

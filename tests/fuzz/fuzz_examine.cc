// The bytes of an upload through every step of its examination, as a worker does it.
#include <cstdlib>

#include "fuzz/fuzz_picture.h"
#include "imaging/failures.h"
#include "imaging/render.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  tintype::fuzz::start_decoders();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  const auto input = fuzz::read_input(data, size);
  const auto limits = fuzz::small_limits();
  auto answer = examine_file(input.file, input.specs, input.policy, limits, fuzz::start_decoders(),
                             fuzz::empty_outputs(input.specs.size()));
  if (!answer.ok()) {
    if (!is_image_failure_code(answer.error().code)) std::abort();
    return 0;
  }
  const auto& facts = answer->facts;
  if (facts.width == 0 || facts.height == 0 || facts.frames == 0) std::abort();
  if (std::uint64_t{facts.width} * facts.height > limits.max_pixels) std::abort();
  if (answer->renditions.size() != input.specs.size()) std::abort();
  // What a worker says about a file, the server must be able to read.
  if (!decode_inspect_answer(encode_inspect_answer(*answer)).ok()) std::abort();
  return 0;
}

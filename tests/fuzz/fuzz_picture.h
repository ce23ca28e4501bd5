// What the fuzzers of whole pictures share: the first kWishBytes bytes of an input say which
// rendition is wanted, the rest is the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/limits.h"
#include "domain/rendition_spec.h"
#include "imaging/heif_library.h"
#include "imaging/worker_protocol.h"

namespace tintype::fuzz {

inline constexpr std::size_t kWishBytes = 8;

struct PictureInput {
  std::vector<RenditionSpec> specs;
  RenderPolicy policy;
  std::string_view file;
};

// Any bytes are a wish; sides are at most 510, so that most of the time goes to decoding.
PictureInput read_input(const std::uint8_t* data, std::size_t size);

// Small enough for many executions a second, large enough for every path of a decoder.
Limits small_limits();

// Starts libvips, once per process, and says whether HEIC can be decoded (else null).
const HeifLibrary* start_decoders();

// Empty files, one per spec.
std::vector<int> empty_outputs(std::size_t count);

}  // namespace tintype::fuzz

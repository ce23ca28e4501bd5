// libvips, kept behind two functions: open a file with the loader of a known type, and decode all
// of it. Runs inside a worker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/limits.h"
#include "domain/media_type.h"

namespace tintype {

struct DecodedFacts {
  std::uint32_t width = 0;  // of one frame, as stored
  std::uint32_t height = 0;
  std::uint32_t frames = 1;
  bool has_alpha = false;
  std::string icc_profile;  // raw bytes, empty when there is none
  std::string exif;         // raw bytes, empty when there is none
};

// Prepares libvips for hostile files: one thread, no cache, no loader but those of the accepted
// types from memory. Once per process, before anything else here. Errors: `internal`.
Result<void> start_vips();

// Decodes every pixel of every frame, a few rows at a time where the format allows, and throws them
// away. The limits are checked on what the loader says before the first pixel is decoded. HEIC is
// not among the types (heif_library.h is for that). Errors: of failures.h.
Result<DecodedFacts> decode_whole(MediaType type, std::string_view file, const Limits& limits);

}  // namespace tintype

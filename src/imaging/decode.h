// What decoders say of a file, and libvips made ready for hostile files. Runs inside a worker.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace tintype {

struct DecodedFacts {
  std::uint32_t width = 0;  // of one frame, as stored
  std::uint32_t height = 0;
  std::uint32_t frames = 1;
  bool has_alpha = false;
  std::string icc_profile;  // raw bytes, empty when there is none
  bool is_srgb = false;     // the rows are sRGB, whatever the profile
  std::string exif;         // raw bytes, empty when there is none
};

// Takes one row of pixels, 8 bits per sample.
using RowConsumer = std::function<void(const std::uint8_t*)>;

// Prepares libvips for hostile files: one thread, no cache, no loader but those of the accepted
// types from memory. Once per process, before anything else of libvips. Errors: `internal`.
Result<void> start_vips();

}  // namespace tintype

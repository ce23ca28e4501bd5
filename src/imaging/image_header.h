// What a file claims about its size, read from its header alone: no decoder, no allocation, time in
// proportion to the number of blocks. These checks stand before any decoder sees the file, so a
// picture of 50,000 x 50,000 pixels or 100,000 frames costs microseconds to refuse.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "domain/limits.h"
#include "domain/media_type.h"

namespace tintype {

struct ImageHeader {
  std::uint32_t width = 0;  // pixels as stored, before orientation; of the canvas when animated
  std::uint32_t height = 0;
  std::uint64_t frames = 1;
  bool operator==(const ImageHeader&) const = default;
};

// Each reads the header of one format. Errors: `corrupt_image` when the claim cannot be found.
Result<ImageHeader> read_jpeg_header(std::string_view file);
// An animated PNG counts as the still picture that every PNG carries.
Result<ImageHeader> read_png_header(std::string_view file);
// Counting stops at `max_frames` + 1, so that the walk is bounded by the limit. A file that ends in
// the middle of a block is `corrupt_image`, though decoders would show its beginning.
Result<ImageHeader> read_gif_header(std::string_view file, std::uint64_t max_frames);
Result<ImageHeader> read_webp_header(std::string_view file, std::uint64_t max_frames);

// The size alone, with one frame, from the beginning of a file that may go on.
Result<ImageHeader> read_gif_size(std::string_view beginning);
Result<ImageHeader> read_webp_size(std::string_view beginning);

// Errors: `too_many_frames`; `too_many_pixels` for a side, a frame or all frames together;
// `corrupt_image` for a side of zero.
Result<void> check_limits(const ImageHeader& header, const Limits& limits);

}  // namespace tintype

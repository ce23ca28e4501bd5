// JPEG through libjpeg-turbo itself: its rows come out with half of what they cost through libvips,
// which hands them from buffer to buffer (docs/adr/imaging-own-reducer.md). Runs inside a worker.
//
// Gray and RGB pictures only; CMYK goes through libvips, which knows its profiles.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "imaging/decode.h"

namespace tintype {

struct JpegLayout {
  DecodedFacts facts;       // of the whole picture
  std::uint32_t bands = 3;  // 1 or 3; 4 is CMYK, which is not for read_jpeg_rows
};

// Reads the headers. Errors: of failures.h.
Result<JpegLayout> read_jpeg_layout(std::string_view file);

// The size of the rows when the decoder shrinks by 1, 2, 4 or 8.
std::uint32_t jpeg_shrunk(std::uint32_t side, std::uint32_t shrink);

struct JpegDecoding {
  std::uint32_t shrink = 1;
  // A quicker transform, which may be off by a step or two: for pixels that are averaged anyway.
  bool quick = false;
};

// Decodes everything and hands over each row, top to bottom: 8-bit gray or RGB. Errors: of
// failures.h; a file that ends early or has damaged codes is one, whatever rows it gave.
Result<void> read_jpeg_rows(std::string_view file, const JpegDecoding& how,
                            const RowConsumer& consume);

}  // namespace tintype

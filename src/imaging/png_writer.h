// PNG (ISO/IEC 15948) of 8 bits: filtered here, compressed by libdeflate, which makes fewer bytes
// in half the time of what libvips uses. Runs inside a worker.
//
// The filtered picture is held as a whole, as libdeflate wants it: leave large ones to libvips.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "imaging/png_filter.h"

namespace tintype {

struct PngSettings {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bands = 3;  // 1: gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha
  int level = 1;            // of libdeflate, 1-12
  std::string icc_profile;  // to go with the picture; empty for none
  std::string exif;         // a TIFF structure; empty for none
};

class PngWriter {
 public:
  explicit PngWriter(PngSettings settings);

  // The next rows, top to bottom.
  void write(const std::uint8_t* const* rows, unsigned count);
  // After the last row: the file. Errors: `too_many_pixels` when there is no memory for it.
  Result<std::string> finish();

 private:
  PngSettings settings_;
  PngFilter filter_;
  std::vector<std::uint8_t> filtered_;
};

}  // namespace tintype

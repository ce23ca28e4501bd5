// JPEG straight through libjpeg-turbo, row by row in this thread: through libvips the same takes
// two threads, which wait for each other. Runs inside a worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tintype {

struct JpegSettings {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bands = 3;  // 1 or 3
  int quality = 80;         // 1-100
  bool optimize = false;    // Huffman tables of its own: fewer bytes, more time
  std::string icc_profile;  // to go with the picture; empty for none
  std::string exif;         // a TIFF structure; empty for none
};

class JpegWriter {
 public:
  explicit JpegWriter(const JpegSettings& settings);
  ~JpegWriter();
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  // The next rows, top to bottom. Errors: `too_many_pixels` when there is no memory for more.
  Result<void> write(const std::uint8_t* const* rows, unsigned count);
  // After the last row: the file, which lives as long as the writer.
  Result<std::string_view> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tintype

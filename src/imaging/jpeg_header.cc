// JPEG, ITU-T T.81 Annex B: segments up to the frame header.
#include "imaging/byte_reader.h"
#include "imaging/failures.h"
#include "imaging/image_header.h"

namespace tintype {
namespace {

// SOF0 to SOF15, without DHT (C4), JPG (C8) and DAC (CC), which share the range.
bool is_frame_header(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool stands_alone(std::uint8_t marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

}  // namespace

Result<ImageHeader> read_jpeg_header(std::string_view file) {
  ByteReader in(file);
  std::uint64_t at = 2;
  while (true) {
    // Decoders skip garbage between segments, and so does this.
    at = file.find('\xFF', at);
    if (at == std::string_view::npos) break;
    while (in.u8(at) == 0xFF) ++at;
    auto marker = in.u8(at);
    if (!marker || *marker == 0xD9 || *marker == 0xDA) break;
    ++at;
    if (*marker == 0x00 || stands_alone(*marker)) continue;
    auto length = in.be16(at);
    if (!length || *length < 2) break;
    if (is_frame_header(*marker)) {
      auto height = in.be16(at + 3);
      auto width = in.be16(at + 5);
      if (!height || !width) break;
      return ImageHeader{*width, *height, 1};
    }
    at += *length;
  }
  return damaged_image();
}

}  // namespace tintype

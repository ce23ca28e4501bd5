// GIF89a, Appendix A: the blocks of the file, without a look at the compressed data.
#include <algorithm>

#include "imaging/byte_reader.h"
#include "imaging/failures.h"
#include "imaging/image_header.h"

namespace tintype {
namespace {

constexpr std::uint8_t kExtension = 0x21;
constexpr std::uint8_t kImage = 0x2C;

std::uint64_t colour_table_bytes(std::uint8_t flags) {
  return (flags & 0x80) != 0 ? 3ull << ((flags & 7) + 1) : 0;
}

// The offset behind a chain of data sub-blocks, which ends with an empty one. Decoders show what is
// there of a chain that the file's end cuts off; here it is an error.
Result<std::uint64_t> skip_sub_blocks(const ByteReader& in, std::uint64_t at) {
  while (auto length = in.u8(at)) {
    at += 1 + std::uint64_t{*length};
    if (*length == 0) return at;
  }
  return truncated_image();
}

constexpr std::uint64_t kScreenEnd = 13;

Result<ImageHeader> read_screen(const ByteReader& in) {
  if (!in.slice(0, kScreenEnd)) return damaged_image();
  return ImageHeader{*in.le16(6), *in.le16(8), 0};
}

std::uint64_t first_block(const ByteReader& in) {
  return kScreenEnd + colour_table_bytes(in.u8(10).value_or(0));
}

// Decoders grow the screen to the first picture when that is larger.
void grow_screen(ImageHeader& header, const ByteReader& in, std::uint64_t at) {
  header.width = std::max<std::uint32_t>(header.width, in.le16(at + 5).value_or(0));
  header.height = std::max<std::uint32_t>(header.height, in.le16(at + 7).value_or(0));
}

}  // namespace

Result<ImageHeader> read_gif_size(std::string_view beginning) {
  ByteReader in(beginning);
  ImageHeader header = TRY(read_screen(in));
  header.frames = 1;
  std::uint64_t at = first_block(in);
  while (in.u8(at) == kExtension) {
    auto next = skip_sub_blocks(in, at + 2);
    if (!next.ok()) return header;
    at = *next;
  }
  if (in.u8(at) == kImage) grow_screen(header, in, at);
  return header;
}

Result<ImageHeader> read_gif_header(std::string_view file, std::uint64_t max_frames) {
  ByteReader in(file);
  ImageHeader header = TRY(read_screen(in));
  std::uint64_t at = first_block(in);
  while (header.frames <= max_frames) {
    auto introducer = in.u8(at);
    if (introducer == kExtension) {
      at = TRY(skip_sub_blocks(in, at + 2));
    } else if (introducer == kImage && in.slice(at, 10)) {
      if (header.frames == 0) grow_screen(header, in, at);
      ++header.frames;
      at = TRY(skip_sub_blocks(in, at + 11 + colour_table_bytes(*in.u8(at + 9))));
    } else {
      break;  // the trailer, the end of the file, or something only a decoder can judge
    }
  }
  if (header.frames == 0) return corrupt_image("The GIF file has no picture.");
  return header;
}

}  // namespace tintype

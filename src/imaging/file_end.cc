#include "imaging/file_end.h"

#include "imaging/byte_reader.h"

namespace tintype {
namespace {

using namespace std::string_view_literals;

// What has no length: a stuffed zero and restart markers, in the data of a scan, and padding
// (ITU-T T.81 §B.1.1).
bool stands_alone(std::uint8_t marker) {
  return marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8) || marker == 0xFF;
}

// From marker to marker, over the segments that have a length, to the end of the image. Thumbnails
// are JPEG files within such segments.
bool jpeg_ends_early(std::string_view file) {
  ByteReader in(file);
  std::uint64_t at = 2;
  while ((at = file.find('\xFF', at)) != std::string_view::npos) {
    auto marker = in.u8(at + 1);
    if (!marker) return true;
    if (*marker == 0xD9) return false;
    ++at;
    if (!stands_alone(*marker)) at += 1 + in.be16(at + 1).value_or(0);
  }
  return true;
}

// PNG (Third Edition) §5.3: length, type, data, checksum.
bool png_ends_early(std::string_view file) {
  constexpr std::uint64_t kAroundData = 12;
  ByteReader in(file);
  for (std::uint64_t at = 8;;) {
    auto length = in.be32(at);
    auto chunk = length ? in.slice(at, kAroundData + *length) : std::nullopt;
    if (!chunk) return true;
    if (chunk->substr(4, 4) == "IEND"sv) return false;
    at += chunk->size();
  }
}

// GIF89a §27: the trailer is the last byte, but for padding.
bool gif_ends_early(std::string_view file) {
  auto last = file.find_last_not_of('\0');
  return last == file.npos || file[last] != ';';
}

// RFC 9649 §2.4: the size of everything behind it.
bool webp_ends_early(std::string_view file) {
  auto size = ByteReader(file).le32(4);
  return !size || file.size() < std::uint64_t{*size} + 8;
}

// ISO/IEC 14496-12 §4.2: a size of 1 has a longer one behind the type, and 0 means the file's end.
bool box_file_ends_early(std::string_view file) {
  ByteReader in(file);
  std::uint64_t at = 0;
  while (at < file.size()) {
    auto size = in.be32(at);
    if (!size) return true;
    if (*size == 0) return false;
    if (*size == 1) {  // no accepted file reaches the 4 GB that the upper half would count
      size = in.be32(at + 12);
      if (!size || in.be32(at + 8) != 0u) return true;
    }
    if (*size < 8) return false;
    at += *size;
  }
  return at > file.size();
}

}  // namespace

bool ends_early(MediaType type, std::string_view file) {
  switch (type) {
    case MediaType::jpeg: return jpeg_ends_early(file);
    case MediaType::png: return png_ends_early(file);
    case MediaType::gif: return gif_ends_early(file);
    case MediaType::webp: return webp_ends_early(file);
    case MediaType::avif:
    case MediaType::heic:
    case MediaType::heif: break;
  }
  return box_file_ends_early(file);
}

}  // namespace tintype

// WebP, RFC 9649: the RIFF chunks of the file.
#include "imaging/byte_reader.h"
#include "imaging/failures.h"
#include "imaging/image_header.h"

namespace tintype {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kFirstChunk = 12;
constexpr std::uint64_t kChunkHeader = 8;

// RFC 6386 §9.1: a key frame with its start code, then two 14-bit sides.
Result<ImageHeader> read_lossy(const ByteReader& in, std::uint64_t data) {
  auto start_code = in.slice(data + 3, 3);
  auto width = in.le16(data + 6);
  auto height = in.le16(data + 8);
  if (!start_code || *start_code != "\x9D\x01\x2A"sv || !width || !height) return damaged_image();
  return ImageHeader{*width & 0x3FFFu, *height & 0x3FFFu, 1};
}

// RFC 9649 §3.4: a signature byte, then two 14-bit sides less one.
Result<ImageHeader> read_lossless(const ByteReader& in, std::uint64_t data) {
  auto bits = in.le32(data + 1);
  if (in.u8(data) != 0x2F || !bits) return damaged_image();
  return ImageHeader{(*bits & 0x3FFF) + 1, (*bits >> 14 & 0x3FFF) + 1, 1};
}

std::uint64_t count_frames(const ByteReader& in, std::uint64_t at, std::uint64_t max_frames) {
  std::uint64_t frames = 0;
  while (frames <= max_frames) {
    auto name = in.slice(at, 4);
    auto length = in.le32(at + 4);
    if (!name || !length) break;
    if (*name == "ANMF"sv) ++frames;
    at += kChunkHeader + std::uint64_t{*length} + (*length & 1);
  }
  return frames;
}

Result<ImageHeader> read_extended(const ByteReader& in, std::uint64_t data,
                                  std::uint64_t max_frames) {
  constexpr std::uint8_t kAnimated = 0x02;
  auto flags = in.u8(data);
  auto width = in.le24(data + 4);
  auto height = in.le24(data + 7);
  if (!flags || !width || !height) return damaged_image();
  ImageHeader header{*width + 1, *height + 1, 1};
  if ((*flags & kAnimated) != 0) header.frames = count_frames(in, data + 10, max_frames);
  if (header.frames == 0) return corrupt_image("The animated WebP file has no frame.");
  return header;
}

}  // namespace

Result<ImageHeader> read_webp_header(std::string_view file, std::uint64_t max_frames) {
  ByteReader in(file);
  auto name = in.slice(kFirstChunk, 4).value_or("");
  std::uint64_t data = kFirstChunk + kChunkHeader;
  if (name == "VP8 "sv) return read_lossy(in, data);
  if (name == "VP8L"sv) return read_lossless(in, data);
  if (name == "VP8X"sv) return read_extended(in, data, max_frames);
  return damaged_image();
}

}  // namespace tintype

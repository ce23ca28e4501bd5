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

constexpr std::uint64_t kFirstData = kFirstChunk + kChunkHeader;

// RFC 9649 §2.7: flags, then the canvas, each side less one in 24 bits.
Result<ImageHeader> read_canvas(const ByteReader& in) {
  auto width = in.le24(kFirstData + 4);
  auto height = in.le24(kFirstData + 7);
  if (!width || !height) return damaged_image();
  return ImageHeader{*width + 1, *height + 1, 1};
}

std::string_view first_name(const ByteReader& in) { return in.slice(kFirstChunk, 4).value_or(""); }

bool is_animated(const ByteReader& in) {
  constexpr std::uint8_t kAnimated = 0x02;
  return first_name(in) == "VP8X"sv && (in.u8(kFirstData).value_or(0) & kAnimated) != 0;
}

}  // namespace

Result<ImageHeader> read_webp_size(std::string_view beginning) {
  ByteReader in(beginning);
  auto name = first_name(in);
  if (name == "VP8 "sv) return read_lossy(in, kFirstData);
  if (name == "VP8L"sv) return read_lossless(in, kFirstData);
  if (name == "VP8X"sv) return read_canvas(in);
  return damaged_image();
}

Result<ImageHeader> read_webp_header(std::string_view file, std::uint64_t max_frames) {
  ImageHeader header = TRY(read_webp_size(file));
  ByteReader in(file);
  if (is_animated(in)) header.frames = count_frames(in, kFirstData + 10, max_frames);
  if (header.frames == 0) return corrupt_image("The animated WebP file has no frame.");
  return header;
}

}  // namespace tintype

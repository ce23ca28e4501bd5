#include "imaging/planned_size.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "imaging/byte_reader.h"
#include "imaging/image_header.h"

namespace tintype {
namespace {

constexpr std::uint64_t kBeginning = 256 * 1024;

std::uint64_t area(const ImageHeader& header) {
  return std::uint64_t{header.width} * header.height;
}

// ISO/IEC 23008-12 §6.5.3: `ispe`, a version and flags, two sides. Which of the boxes are the
// picture's is not worth a walk through the file.
std::optional<ImageHeader> largest_item(std::string_view file, const Limits& limits) {
  constexpr std::string_view kName = "ispe";
  ByteReader in(file);
  ImageHeader largest;
  for (auto at = file.find(kName); at != file.npos; at = file.find(kName, at + kName.size())) {
    ImageHeader item{in.be32(at + 8).value_or(0), in.be32(at + 12).value_or(0), 1};
    if (check_limits(item, limits).ok() && area(item) > area(largest)) largest = item;
  }
  if (area(largest) == 0) return std::nullopt;
  return largest;
}

Result<ImageHeader> read_size(MediaType type, std::string_view file) {
  switch (type) {
    case MediaType::png: return read_png_header(file);
    case MediaType::gif: return read_gif_size(file);
    case MediaType::webp: return read_webp_size(file);
    default: return read_jpeg_header(file);
  }
}

std::optional<ImageHeader> find_size(MediaType type, std::string_view file, const Limits& limits) {
  if (type == MediaType::avif || type == MediaType::heic || type == MediaType::heif)
    return largest_item(file, limits);
  auto header = read_size(type, file);
  if (!header.ok() || !check_limits(*header, limits).ok()) return std::nullopt;
  return *header;
}

std::string read_beginning(const ImageSource& source) {
  std::string bytes(std::min(source.size, kBeginning), '\0');
  ssize_t got = 0;
  do got = pread(source.fd, bytes.data(), bytes.size(), 0);
  while (got < 0 && errno == EINTR);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

}  // namespace

std::optional<ImageFacts> planned_size(std::string_view beginning, const Limits& limits) {
  auto type = sniff_media_type(beginning);
  auto size = type ? find_size(*type, beginning, limits) : std::nullopt;
  if (!size) return std::nullopt;
  ImageFacts facts;
  facts.content_type = *type;
  facts.width = size->width;
  facts.height = size->height;
  return facts;
}

std::optional<ImageFacts> planned_size(const ImageSource& source, const Limits& limits) {
  return planned_size(read_beginning(source), limits);
}

}  // namespace tintype

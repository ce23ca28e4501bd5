#include "imaging/png_writer.h"

#include <libdeflate.h>

#include <array>
#include <memory>

#include "imaging/vips_ptr.h"

namespace tintype {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr std::array<std::uint8_t, 5> kColorType = {0, 0, 4, 2, 6};  // by the number of bands
constexpr std::uint8_t kBitDepth = 8;

using Compressor = std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)>;

Compressor compressor_of(int level) {
  return {libdeflate_alloc_compressor(level), libdeflate_free_compressor};
}

void append_be32(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift));
}

// A chunk whose data is written behind its head, and closed when all of it is there (§5.3).
std::size_t open_chunk(std::string& file, std::string_view type) {
  const std::size_t start = file.size();
  append_be32(file, 0);
  file.append(type);
  return start;
}

void close_chunk(std::string& file, std::size_t start) {
  const std::size_t length = file.size() - start - 8;
  for (std::size_t i = 0; i < 4; ++i) file[start + i] = static_cast<char>(length >> (24 - 8 * i));
  append_be32(file, libdeflate_crc32(0, file.data() + start + 4, length + 4));
}

void append_chunk(std::string& file, std::string_view type, std::string_view data) {
  const std::size_t start = open_chunk(file, type);
  file.append(data);
  close_chunk(file, start);
}

// Appends the zlib stream. False when there is no memory.
bool append_compressed(std::string& file, const void* data, std::size_t size, int level) {
  const Compressor compressor = compressor_of(level);
  if (!compressor) return false;
  const std::size_t before = file.size();
  file.resize(before + libdeflate_zlib_compress_bound(compressor.get(), size));
  const std::size_t made = libdeflate_zlib_compress(compressor.get(), data, size,
                                                    file.data() + before, file.size() - before);
  file.resize(before + made);
  return made > 0;
}

std::string header_of(const PngSettings& settings) {
  std::string header;
  append_be32(header, settings.width);
  append_be32(header, settings.height);
  header.push_back(static_cast<char>(kBitDepth));
  header.push_back(static_cast<char>(kColorType[settings.bands]));
  header.append(3, '\0');  // the only methods there are of compression and filters; no interlace
  return header;
}

}  // namespace

PngWriter::PngWriter(PngSettings settings)
    : settings_(std::move(settings)),
      filter_(std::size_t{settings_.width} * settings_.bands, settings_.bands) {
  filtered_.reserve((std::size_t{settings_.width} * settings_.bands + 1) * settings_.height);
}

void PngWriter::write(const std::uint8_t* const* rows, unsigned count) {
  for (unsigned i = 0; i < count; ++i) filter_.append(rows[i], filtered_);
}

Result<std::string> PngWriter::finish() {
  std::string file(kSignature);
  append_chunk(file, "IHDR", header_of(settings_));
  if (!settings_.icc_profile.empty()) {
    const std::size_t start = open_chunk(file, "iCCP");
    file.append("icc").append(2, '\0');  // a name, its end, and the only method of compression
    if (!append_compressed(file, settings_.icc_profile.data(), settings_.icc_profile.size(),
                           settings_.level))
      return rendering_failure();
    close_chunk(file, start);
  }
  if (!settings_.exif.empty()) append_chunk(file, "eXIf", settings_.exif);
  const std::size_t start = open_chunk(file, "IDAT");
  if (!append_compressed(file, filtered_.data(), filtered_.size(), settings_.level))
    return rendering_failure();
  close_chunk(file, start);
  append_chunk(file, "IEND", {});
  return file;
}

}  // namespace tintype

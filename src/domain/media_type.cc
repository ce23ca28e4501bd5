#include "domain/media_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace tintype {
namespace {

struct TypeNames {
  MediaType type;
  std::string_view name;
  std::string_view extension;
};

constexpr std::array<TypeNames, 7> kTypes = {{
    {MediaType::jpeg, "image/jpeg", ".jpg"},
    {MediaType::png, "image/png", ".png"},
    {MediaType::webp, "image/webp", ".webp"},
    {MediaType::gif, "image/gif", ".gif"},
    {MediaType::avif, "image/avif", ".avif"},
    {MediaType::heic, "image/heic", ".heic"},
    {MediaType::heif, "image/heif", ".heif"},
}};

// The type that one four-letter brand of an ISO base media file stands for.
std::optional<MediaType> brand_type(std::string_view brand) {
  if (brand == "avif" || brand == "avis") return MediaType::avif;
  if (brand == "heic" || brand == "heix" || brand == "hevc" || brand == "hevx" || brand == "heim" ||
      brand == "heis")
    return MediaType::heic;
  if (brand == "mif1" || brand == "msf1") return MediaType::heif;
  return std::nullopt;
}

// The major brand decides unless it is the general `mif1`, which any HEIF file may carry; then the
// first specific compatible brand does (ISO/IEC 23008-12 §10).
std::optional<MediaType> sniff_bmff(std::string_view bytes) {
  if (bytes.size() < 12 || bytes.substr(4, 4) != "ftyp") return std::nullopt;
  std::size_t box = 0;
  for (int i = 0; i < 4; ++i) box = box * 256 + static_cast<unsigned char>(bytes[i]);
  auto major = brand_type(bytes.substr(8, 4));
  if (major && *major != MediaType::heif) return major;
  std::optional<MediaType> found = major;
  for (std::size_t at = 16; at + 4 <= std::min(box, bytes.size()); at += 4) {
    auto compatible = brand_type(bytes.substr(at, 4));
    if (compatible && *compatible != MediaType::heif) return compatible;
    if (compatible) found = compatible;
  }
  return found;
}

}  // namespace

std::string_view media_type_name(MediaType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

std::string_view file_extension(MediaType type) {
  return kTypes[static_cast<std::size_t>(type)].extension;
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  text = text.substr(0, text.find(';'));
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& entry : kTypes)
    if (entry.name == lower) return entry.type;
  return std::nullopt;
}

std::optional<MediaType> sniff_media_type(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return MediaType::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return MediaType::png;
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return MediaType::gif;
  if (bytes.size() >= 14 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 6) == "WEBPVP"sv)
    return MediaType::webp;
  return sniff_bmff(bytes);
}

}  // namespace tintype

#include "imaging/icc_profile.h"

#include "imaging/byte_reader.h"
#include "imaging/text_clean.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::uint32_t kMaxTags = 100;
constexpr std::uint64_t kHeader = 128;

// textDescriptionType of ICC version 2: a counted ASCII text.
std::string read_text_description(std::string_view tag) {
  ByteReader in(tag);
  auto length = in.be32(8);
  auto text = length ? in.slice(12, *length) : std::nullopt;
  return text ? clean_text(*text, kMaxName) : "";
}

// multiLocalizedUnicodeType of version 4: the first record is as good as any.
std::string read_localized(std::string_view tag) {
  ByteReader in(tag);
  auto length = in.be32(20);
  auto offset = in.be32(24);
  if (in.be32(8).value_or(0) == 0 || !length || !offset) return {};
  auto text = in.slice(*offset, *length);
  return text ? clean_text(utf16be_to_utf8(text->substr(0, 4 * kMaxName)), kMaxName) : "";
}

std::string read_description(std::string_view profile) {
  ByteReader in(profile);
  std::uint32_t tags = in.be32(kHeader).value_or(0);
  for (std::uint32_t i = 0; i < tags && i < kMaxTags; ++i) {
    std::uint64_t entry = kHeader + 4 + 12ull * i;
    auto offset = in.be32(entry + 4);
    auto size = in.be32(entry + 8);
    if (!offset || !size) return {};
    if (in.slice(entry, 4) != "desc") continue;
    std::string_view tag = in.slice(*offset, *size).value_or("");
    if (tag.starts_with("desc")) return read_text_description(tag);
    if (tag.starts_with("mluc")) return read_localized(tag);
    return {};
  }
  return {};
}

}  // namespace

std::string icc_profile_name(std::string_view profile) {
  if (ByteReader(profile).slice(36, 4) != "acsp") return {};
  std::string name = read_description(profile);
  // `sRGB IEC61966-2.1`, `sRGB built-in`, ...: users mean one thing by them. The others are the
  // names of compact profiles that image services embed.
  if (name.starts_with("sRGB") || name == "c2" || name == "c2ci" || name == "uRGB") return "sRGB";
  if (name == "sP3C") return "Display P3";
  return name;
}

}  // namespace tintype

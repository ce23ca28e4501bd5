#include "imaging/icc_rewrite.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "imaging/byte_reader.h"
#include "imaging/icc_profile.h"

namespace tintype {
namespace {

constexpr std::size_t kHeader = 128;
constexpr std::string_view kNeutral = "RGB";

constexpr std::string_view kWellKnown[] = {
    "Adobe RGB (1998)", "Apple RGB",      "ColorMatch RGB", "Display P3", "DCI-P3",
    "ProPhoto RGB",     "Wide Gamut RGB", "eciRGB v2",      "Rec. 2020",  "Rec2020",
};

// What a tag may be made of.
enum class Kind : std::uint8_t { color, matrix, curve, table };
struct Wanted {
  std::string_view name;
  Kind kind;
};
constexpr Wanted kWanted[] = {
    {"wtpt", Kind::color}, {"bkpt", Kind::color},  {"rXYZ", Kind::color}, {"gXYZ", Kind::color},
    {"bXYZ", Kind::color}, {"chad", Kind::matrix}, {"rTRC", Kind::curve}, {"gTRC", Kind::curve},
    {"bTRC", Kind::curve}, {"kTRC", Kind::curve},  {"A2B0", Kind::table}, {"A2B1", Kind::table},
    {"A2B2", Kind::table}, {"B2A0", Kind::table},  {"B2A1", Kind::table}, {"B2A2", Kind::table},
};

void append_be(std::string& to, std::uint32_t value, int bytes = 4) {
  while (bytes-- > 0) to.push_back(static_cast<char>(value >> (8 * bytes)));
}

// The bytes that a curve has (§10.6, §10.18), 0 for none.
std::size_t curve_size(std::string_view tag) {
  constexpr std::size_t kNumbers[] = {1, 3, 4, 5, 7};
  ByteReader in(tag);
  if (tag.starts_with("curv")) {
    const auto count = in.be32(8);
    return count ? 12 + 2 * std::size_t{*count} : 0;
  }
  const auto formula = tag.starts_with("para") ? in.be16(8) : std::nullopt;
  return formula && *formula < std::size(kNumbers) ? 12 + 4 * kNumbers[*formula] : 0;
}

bool is_table(std::string_view tag) {
  return tag.starts_with("mft1") || tag.starts_with("mft2") || tag.starts_with("mAB ") ||
         tag.starts_with("mBA ");
}

// The tag without what lies behind its own end. Empty when it is not of the kind.
std::string_view needed_part(std::string_view tag, Kind kind) {
  std::size_t size = 0;
  switch (kind) {
    case Kind::color: size = tag.starts_with("XYZ ") ? 8 + 12 : 0; break;
    case Kind::matrix: size = tag.starts_with("sf32") ? 8 + 36 : 0; break;
    case Kind::curve: size = curve_size(tag); break;
    case Kind::table: size = is_table(tag) ? tag.size() : 0; break;
  }
  return size <= tag.size() ? tag.substr(0, size) : std::string_view();
}

// A text as version 4 and, where `old`, as version 2 wants it. All in ASCII.
std::string description(std::string_view text, bool old) {
  std::string tag;
  if (old) {
    tag = "desc";
    append_be(tag, 0);
    append_be(tag, static_cast<std::uint32_t>(text.size() + 1));
    tag.append(text).append(1, '\0');
    return tag.append(4 + 4 + 2 + 1 + 67, '\0');  // no text in Unicode and none for Macintosh
  }
  tag = "mluc";
  for (std::uint32_t value : {0u, 1u, 12u}) append_be(tag, value);
  tag.append("enUS");
  append_be(tag, static_cast<std::uint32_t>(2 * text.size()));
  append_be(tag, 28);
  for (char c : text) tag.append(1, '\0').append(1, c);
  return tag;
}

std::string copyright(bool old) {
  if (!old) return description("None", false);
  std::string tag = "text";
  append_be(tag, 0);
  return tag.append("None").append(1, '\0');
}

// The header with what identifies somebody made neutral (§7.2).
std::string header_of(std::string_view profile) {
  std::string header(profile.substr(0, kHeader));
  auto clear = [&](std::size_t at, std::size_t count) {
    std::fill_n(header.begin() + static_cast<std::ptrdiff_t>(at), count, '\0');
  };
  clear(4, 4);   // the preferred colour management
  clear(40, 4);  // the platform
  header.replace(24, 12, std::string("\x07\xD0\0\1\0\1\0\0\0\0\0\0", 12));  // 1 January 2000
  clear(48, 16);  // maker, model, attributes
  clear(80, 48);  // creator, identity, what is reserved
  return header;
}

struct Tag {
  std::string_view name;
  std::string bytes;
};

// Equal tags, such as three curves, share their bytes.
std::string assembled(std::string header, const std::vector<Tag>& tags) {
  std::string table, data;
  append_be(table, static_cast<std::uint32_t>(tags.size()));
  const std::size_t start = kHeader + 4 + 12 * tags.size();
  std::map<std::string_view, std::size_t> places;
  for (const auto& tag : tags) {
    const auto [place, is_new] = places.try_emplace(tag.bytes, start + data.size());
    if (is_new) data.append(tag.bytes).append((4 - tag.bytes.size() % 4) % 4, '\0');
    table.append(tag.name);
    append_be(table, static_cast<std::uint32_t>(place->second));
    append_be(table, static_cast<std::uint32_t>(tag.bytes.size()));
  }
  std::string size;
  append_be(size, static_cast<std::uint32_t>(start + data.size()));
  header.replace(0, 4, size);
  return header.append(table).append(data);
}

}  // namespace

std::string colors_of_profile(std::string_view profile) {
  if (ByteReader(profile).slice(36, 4) != "acsp" || profile.size() < kHeader + 4) return {};
  const bool old = static_cast<unsigned char>(profile[8]) < 4;
  const std::string name = icc_profile_name(profile);
  const bool known = std::ranges::find(kWellKnown, name) != std::end(kWellKnown);
  std::vector<Tag> tags{{"desc", description(known ? name : kNeutral, old)},
                        {"cprt", copyright(old)}};
  for (const auto& wanted : kWanted) {
    const auto part = needed_part(icc_tag(profile, wanted.name).value_or(""), wanted.kind);
    if (!part.empty()) tags.push_back({wanted.name, std::string(part)});
  }
  auto has = [&](std::string_view tag) {
    return std::ranges::find(tags, tag, &Tag::name) != tags.end();
  };
  if (!has("A2B0") && !(has("rXYZ") && has("rTRC"))) return {};
  return assembled(header_of(profile), tags);
}

}  // namespace tintype

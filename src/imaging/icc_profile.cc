#include "imaging/icc_profile.h"

#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

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
  std::string_view tag = icc_tag(profile, "desc").value_or("");
  if (tag.starts_with("desc")) return read_text_description(tag);
  if (tag.starts_with("mluc")) return read_localized(tag);
  return {};
}

// What a tone curve makes of the middle, 0.5; NaN where it cannot be read.
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// curveType (§10.6): no entry is a straight line, one a gamma, several are a table.
double middle_of_table(std::string_view tag) {
  ByteReader in(tag);
  const auto count = in.be32(8);
  if (!count) return kUnknown;
  if (*count == 0) return 0.5;
  auto entry = [&](std::uint64_t i) -> double {
    auto value = in.be16(12 + 2 * i);
    return value ? *value : kUnknown;
  };
  if (*count == 1) return std::pow(0.5, entry(0) / 256);
  return (entry((*count - 1) / 2) + entry(*count / 2)) / 2 / 65535;
}

// parametricCurveType (§10.18), the five formulas of which have 1, 3, 4, 5 and 7 numbers.
double middle_of_formula(std::string_view tag) {
  constexpr int kNumbers[] = {1, 3, 4, 5, 7};
  ByteReader in(tag);
  const auto type = in.be16(8);
  if (!type || *type >= std::size(kNumbers)) return kUnknown;
  double n[7] = {1, 1, 0, 0, 0, 0, 0};
  for (int i = 0; i < kNumbers[*type]; ++i) {
    auto value = in.be32(12 + 4ull * static_cast<unsigned>(i));
    n[i] = value ? static_cast<std::int32_t>(*value) / 65536.0 : kUnknown;
  }
  const auto [gamma, a, b, c, d, e, f] = n;
  const double power = std::pow(a * 0.5 + b, gamma);
  switch (*type) {
    case 0: return std::pow(0.5, gamma);
    case 1: return a * 0.5 + b >= 0 ? power : 0;
    case 2: return a * 0.5 + b >= 0 ? power + c : c;
    case 3: return 0.5 >= d ? power : c * 0.5;
    default: return 0.5 >= d ? power + e : c * 0.5 + f;
  }
}

// As bright as sRGB (and Display P3, whose curve it is) in the middle.
bool has_srgb_curve(std::string_view profile) {
  constexpr double kMiddle = 0.2140, kTolerance = 0.02;
  auto tag = icc_tag(profile, "rTRC");
  if (!tag) tag = icc_tag(profile, "kTRC");
  if (!tag) return false;
  double middle = kUnknown;
  if (tag->starts_with("curv")) middle = middle_of_table(*tag);
  if (tag->starts_with("para")) middle = middle_of_formula(*tag);
  return std::abs(middle - kMiddle) < kTolerance;
}

bool is_icc(std::string_view profile) { return ByteReader(profile).slice(36, 4) == "acsp"; }

// `sRGB IEC61966-2.1`, `sRGB built-in`, ...: users mean one thing by them. The others are the names
// of compact profiles that image services embed.
KnownProfile known_by_name(std::string_view name) {
  if (name.starts_with("sRGB") || name == "c2" || name == "c2ci" || name == "uRGB")
    return KnownProfile::srgb;
  if (name.starts_with("Display P3") || name == "sP3C") return KnownProfile::display_p3;
  return KnownProfile::none;
}

KnownProfile known(std::string_view profile, std::string_view name) {
  const auto named = known_by_name(name);
  return named != KnownProfile::none && has_srgb_curve(profile) ? named : KnownProfile::none;
}

}  // namespace

std::optional<std::string_view> icc_tag(std::string_view profile, std::string_view name) {
  ByteReader in(profile);
  std::uint32_t tags = in.be32(kHeader).value_or(0);
  for (std::uint32_t i = 0; i < tags && i < kMaxTags; ++i) {
    std::uint64_t entry = kHeader + 4 + 12ull * i;
    auto offset = in.be32(entry + 4);
    auto size = in.be32(entry + 8);
    if (!offset || !size) return std::nullopt;
    if (in.slice(entry, 4) == name) return in.slice(*offset, *size);
  }
  return std::nullopt;
}

KnownProfile known_profile(std::string_view profile) {
  return is_icc(profile) ? known(profile, read_description(profile)) : KnownProfile::none;
}

std::string icc_profile_name(std::string_view profile) {
  if (!is_icc(profile)) return {};
  std::string name = read_description(profile);
  const auto which = known(profile, name);
  if (which == KnownProfile::srgb) return "sRGB";
  return which == KnownProfile::display_p3 && name == "sP3C" ? "Display P3" : name;
}

}  // namespace tintype

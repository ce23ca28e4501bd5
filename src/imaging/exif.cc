#include "imaging/exif.h"

#include <charconv>
#include <cmath>
#include <string>

#include "imaging/byte_reader.h"
#include "imaging/text_clean.h"

namespace tintype {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t kMaxEntries = 512;

enum Tag : std::uint16_t {
  kMake = 0x010F,
  kModel = 0x0110,
  kOrientation = 0x0112,
  kSoftware = 0x0131,
  kDateTime = 0x0132,
  kArtist = 0x013B,
  kCopyright = 0x8298,
  kExifDirectory = 0x8769,
  kGpsDirectory = 0x8825,
  kExposureTime = 0x829A,
  kFNumber = 0x829D,
  kIso = 0x8827,
  kDateTimeOriginal = 0x9003,
  kOffsetTimeOriginal = 0x9011,
  kFocalLength = 0x920A,
  kLensModel = 0xA434,
  kLatitudeRef = 1,
  kLatitude = 2,
  kLongitudeRef = 3,
  kLongitude = 4,
  kAltitudeRef = 5,
  kAltitude = 6,
};

struct Rational {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 0;
  std::optional<double> value() const {
    if (denominator == 0) return std::nullopt;
    return static_cast<double>(numerator) / denominator;
  }
};

// One image file directory: finds entries by tag, in file order.
class Directory {
 public:
  Directory(ByteReader in, bool big_endian, std::uint64_t at)
      : in_(in), big_(big_endian), at_(at) {}

  std::string text(Tag tag) const {
    auto bytes = value(tag, 2, 1);
    return bytes ? clean_text(*bytes, kMaxExifText) : "";
  }
  std::optional<std::uint32_t> integer(Tag tag) const {
    if (auto bytes = value(tag, 3, 2); bytes && bytes->size() >= 2) return u16(*bytes, 0);
    if (auto bytes = value(tag, 4, 4); bytes && bytes->size() >= 4) return u32(*bytes, 0);
    if (auto bytes = value(tag, 1, 1); bytes && !bytes->empty()) return ByteReader(*bytes).u8(0);
    return std::nullopt;
  }
  std::optional<Rational> rational(Tag tag, std::size_t index = 0) const {
    auto bytes = value(tag, 5, 8);
    if (!bytes || bytes->size() < 8 * (index + 1)) return std::nullopt;
    return Rational{*u32(*bytes, 8 * index), *u32(*bytes, 8 * index + 4)};
  }

 private:
  std::optional<std::uint16_t> u16(std::string_view bytes, std::uint64_t at) const {
    return big_ ? ByteReader(bytes).be16(at) : ByteReader(bytes).le16(at);
  }
  std::optional<std::uint32_t> u32(std::string_view bytes, std::uint64_t at) const {
    return big_ ? ByteReader(bytes).be32(at) : ByteReader(bytes).le32(at);
  }

  // The bytes of the entry's values, inline when they fit in four, if it has the given type.
  std::optional<std::string_view> value(Tag tag, std::uint16_t type, std::uint64_t unit) const {
    std::string_view all = *in_.slice(0, in_.size());
    std::uint16_t entries = std::min(u16(all, at_).value_or(0), kMaxEntries);
    for (std::uint64_t i = 0; i < entries; ++i) {
      std::uint64_t entry = at_ + 2 + 12 * i;
      auto count = u32(all, entry + 4);
      if (!count || !u32(all, entry + 8)) return std::nullopt;
      if (u16(all, entry) != tag || u16(all, entry + 2) != type) continue;
      std::uint64_t length = *count * unit;
      return in_.slice(length <= 4 ? entry + 8 : *u32(all, entry + 8), length);
    }
    return std::nullopt;
  }

  ByteReader in_;
  bool big_;
  std::uint64_t at_;
};

// Shorter than a second as a fraction, as cameras show it.
std::string exposure_text(const Rational& time) {
  auto exposure = time.value();
  if (!exposure || *exposure <= 0 || *exposure > 1e6) return {};
  if (*exposure < 0.5) return "1/" + std::to_string(std::llround(1 / *exposure));
  char text[32];
  double rounded = std::round(*exposure * 10) / 10;
  return {text, std::to_chars(text, text + sizeof text, rounded).ptr};
}

bool matches(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '0' ? !digit : text[i] != pattern[i]) return false;
  }
  return true;
}

// `2026:05:01 12:34:56` becomes `2026-05-01T12:34:56`, followed by the offset when there is one.
std::string time_text(std::string when, std::string_view offset) {
  if (!matches(when, "0000:00:00 00:00:00") || when.starts_with("0000")) return {};
  when[4] = when[7] = '-';
  when[10] = 'T';
  if (matches(offset, "+00:00") || matches(offset, "-00:00")) when += offset;
  return when;
}

std::optional<double> in_range(std::optional<double> value, double low, double high) {
  return value && *value >= low && *value <= high ? value : std::nullopt;
}

std::optional<double> number(const Directory& from, Tag tag, double high) {
  auto ratio = from.rational(tag);
  return ratio ? in_range(ratio->value(), 0, high) : std::nullopt;
}

std::optional<double> degrees(const Directory& gps, Tag tag, Tag reference, double limit) {
  double sum = 0;
  double unit = 1;
  for (std::size_t i = 0; i < 3; ++i, unit *= 60) {
    auto part = gps.rational(tag, i);
    auto value = part ? part->value() : std::nullopt;
    if (!value && i == 0) return std::nullopt;
    sum += value.value_or(0) / unit;
  }
  std::string side = gps.text(reference);
  if (side == "S" || side == "W") sum = -sum;
  return in_range(sum, -limit, limit);
}

std::optional<Location> read_location(const Directory& gps) {
  auto latitude = degrees(gps, kLatitude, kLatitudeRef, 90);
  auto longitude = degrees(gps, kLongitude, kLongitudeRef, 180);
  if (!latitude || !longitude) return std::nullopt;
  Location location{*latitude, *longitude, number(gps, kAltitude, 1e6)};
  if (location.altitude && gps.integer(kAltitudeRef) == 1u) location.altitude = -*location.altitude;
  return location;
}

void read_main(const Directory& main, ExifFacts& facts) {
  auto orientation = main.integer(kOrientation).value_or(1);
  if (orientation >= 1 && orientation <= 8)
    facts.orientation = static_cast<std::uint8_t>(orientation);
  facts.camera.camera_make = main.text(kMake);
  facts.camera.camera_model = main.text(kModel);
  facts.camera.software = main.text(kSoftware);
  facts.camera.artist = main.text(kArtist);
  facts.camera.copyright = main.text(kCopyright);
  facts.camera.taken_at = time_text(main.text(kDateTime), "");
}

void read_exposure(const Directory& exif, CameraFacts& camera) {
  camera.lens = exif.text(kLensModel);
  if (auto time = exif.rational(kExposureTime)) camera.exposure_time = exposure_text(*time);
  camera.f_number = number(exif, kFNumber, 1000);
  camera.focal_length = number(exif, kFocalLength, 100'000);
  if (auto iso = exif.integer(kIso); iso && *iso > 0) camera.iso = iso;
  auto taken = time_text(exif.text(kDateTimeOriginal), exif.text(kOffsetTimeOriginal));
  if (!taken.empty()) camera.taken_at = taken;
}

}  // namespace

ExifFacts parse_exif(std::string_view bytes) {
  ExifFacts facts;
  if (bytes.starts_with("Exif\0\0"sv)) bytes.remove_prefix(6);
  bool big = bytes.starts_with("MM\0*"sv);
  if (!big && !bytes.starts_with("II*\0"sv)) return facts;
  ByteReader in(bytes);
  auto first = big ? in.be32(4) : in.le32(4);
  if (!first) return facts;
  Directory main(in, big, *first);
  read_main(main, facts);
  if (auto at = main.integer(kExifDirectory)) read_exposure(Directory(in, big, *at), facts.camera);
  if (auto at = main.integer(kGpsDirectory))
    facts.location = read_location(Directory(in, big, *at));
  return facts;
}

}  // namespace tintype

#include "domain/image_id.h"

#include <cstring>
#include <span>

#include "base/encoding.h"

namespace tintype {
namespace {

constexpr std::array<std::size_t, 4> kHyphens = {8, 13, 18, 23};

bool is_hyphen_position(std::size_t i) {
  return i == kHyphens[0] || i == kHyphens[1] || i == kHyphens[2] || i == kHyphens[3];
}

Error bad_id() { return invalid_error("invalid_image_id", "image_id must be a UUID version 7."); }

}  // namespace

ImageId ImageId::generate(Timestamp now, Random& random) {
  ImageId id;
  random.fill(std::as_writable_bytes(std::span(id.bytes_)));
  auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (int i = 5; i >= 0; --i) {
    id.bytes_[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms);
    ms >>= 8;
  }
  id.bytes_[6] = static_cast<std::uint8_t>(0x70 | (id.bytes_[6] & 0x0F));
  id.bytes_[8] = static_cast<std::uint8_t>(0x80 | (id.bytes_[8] & 0x3F));
  return id;
}

Result<ImageId> ImageId::parse(std::string_view text) {
  if (text.size() != 36) return bad_id();
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_hyphen_position(i) != (text[i] == '-')) return bad_id();
    if (text[i] != '-') digits += text[i];
  }
  auto bytes = hex_decode(digits);
  if (!bytes.ok()) return bad_id();
  return from_bytes(*bytes);
}

Result<ImageId> ImageId::from_bytes(std::string_view bytes) {
  ImageId id;
  if (bytes.size() != id.bytes_.size()) return bad_id();
  std::memcpy(id.bytes_.data(), bytes.data(), bytes.size());
  if ((id.bytes_[6] >> 4) != 7 || (id.bytes_[8] >> 6) != 2) return bad_id();
  return id;
}

void ImageId::append_to(std::string& out) const {
  static constexpr char kHex[] = "0123456789abcdef";
  char text[36];
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (is_hyphen_position(at)) text[at++] = '-';
    text[at++] = kHex[bytes_[i] >> 4];
    text[at++] = kHex[bytes_[i] & 15];
  }
  out.append(text, sizeof text);
}

std::string ImageId::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

Timestamp ImageId::created_at() const {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms * 256 + bytes_[i];
  return Timestamp(milliseconds(ms));
}

}  // namespace tintype

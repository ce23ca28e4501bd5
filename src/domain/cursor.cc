#include "domain/cursor.h"

#include "base/encoding.h"
#include "base/hash.h"

namespace tintype {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kTimeSize = 8;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kMacSize = 16;
constexpr std::size_t kPayloadSize = 1 + kTimeSize + kIdSize;

Error bad_cursor() {
  return invalid_error("invalid_cursor",
                       "last_key was not made by this service for these filters.");
}

std::string mac(const ImageQuery& query, std::string_view payload, std::string_view secret) {
  std::string message(payload);
  message += filter_fingerprint(query);
  return hmac_sha256(secret, message).substr(0, kMacSize);
}

}  // namespace

std::string encode_cursor(const ImageQuery& query, const ListPosition& last,
                          std::string_view secret) {
  std::string payload(1, kVersion);
  auto ms = static_cast<std::uint64_t>(last.upload_timestamp.time_since_epoch().count());
  for (int shift = 56; shift >= 0; shift -= 8) payload += static_cast<char>(ms >> shift);
  payload += last.image_id.bytes();
  return base64url_encode(payload + mac(query, payload, secret));
}

Result<ListPosition> decode_cursor(const ImageQuery& query, std::string_view text,
                                   std::string_view secret) {
  auto decoded = base64url_decode(text);
  if (!decoded.ok() || decoded->size() != kPayloadSize + kMacSize || (*decoded)[0] != kVersion)
    return bad_cursor();
  std::string_view payload = std::string_view(*decoded).substr(0, kPayloadSize);
  std::string_view given = std::string_view(*decoded).substr(kPayloadSize);
  if (!constant_time_equal(given, mac(query, payload, secret))) return bad_cursor();
  std::uint64_t ms = 0;
  for (unsigned char c : payload.substr(1, kTimeSize)) ms = ms << 8 | c;
  auto id = ImageId::from_bytes(payload.substr(1 + kTimeSize));
  if (!id.ok()) return bad_cursor();
  return ListPosition{Timestamp(milliseconds(static_cast<std::int64_t>(ms))), *id};
}

}  // namespace tintype

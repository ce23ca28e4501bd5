// The rules of the ObjectStore port that every adapter enforces in the same way: which keys are
// good, what a range means, and whether the bytes of a put are those that were announced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "ports/object_store.h"

namespace tintype {

inline constexpr std::size_t kMaxObjectKeyLength = 1024;
inline constexpr std::size_t kMaxListPage = 1000;

// A key is 1 to 1024 bytes of printable ASCII whose components, between `/`, are neither empty nor
// `.` nor `..`. Errors: `invalid` with code `invalid_key`.
Result<void> check_object_key(std::string_view key);
// A prefix to remove by: a good key and a `/`. Errors: `invalid` with code `invalid_prefix`.
Result<void> check_removal_prefix(std::string_view prefix);
// A prefix to list by: any printable ASCII, also none. Errors: `invalid` with `invalid_prefix`.
Result<void> check_list_prefix(std::string_view prefix);

// The continuation of a listing is opaque to callers: base64url of where the store stopped.
std::string make_continuation(std::string_view position);
// Errors: `invalid` with code `invalid_continuation`.
Result<std::string> parse_continuation(std::string_view continuation);

// The part of an object that `range` selects. The last byte is cut to the end of the object, as in
// HTTP. Errors: `invalid` with code `invalid_range` when no byte remains.
struct ByteSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
Result<ByteSpan> resolve_range(const std::optional<ByteRange>& range, std::uint64_t size);

// The ETag of stores that know their content: hex of the first 16 bytes of the SHA-256.
std::string content_etag(std::string_view sha256);

// Watches the bytes of one put go by. Not thread-safe.
class ObjectIntake {
 public:
  // Errors: `invalid` for a bad key, and with `entity_too_large` when `size` is over `max_size`.
  static Result<ObjectIntake> create(const PutSpec& spec);

  // Counts and hashes `bytes`, which are stored afterwards. Errors: `entity_too_large`.
  Result<void> accept(std::string_view bytes);
  // The SHA-256 of all bytes, once. Errors: `incomplete_body`, `bad_digest`.
  Result<std::string> finish();

  const std::string& key() const { return spec_.key; }
  std::uint64_t size() const { return size_; }

 private:
  explicit ObjectIntake(const PutSpec& spec) : spec_(spec) {}

  PutSpec spec_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

}  // namespace tintype

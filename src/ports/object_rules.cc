#include "ports/object_rules.h"

#include <algorithm>

#include "base/encoding.h"

namespace tintype {
namespace {

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool has_good_components(std::string_view key) {
  while (true) {
    const std::size_t slash = key.find('/');
    const std::string_view component = key.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

Error too_large(std::uint64_t limit) {
  return invalid_error("entity_too_large",
                       "The body is larger than the " + std::to_string(limit) + " bytes allowed.");
}

}  // namespace

Result<void> check_object_key(std::string_view key) {
  if (key.empty() || key.size() > kMaxObjectKeyLength) {
    return invalid_error("invalid_key", "An object key has 1 to 1024 bytes.");
  }
  if (!is_printable_ascii(key)) {
    return invalid_error("invalid_key", "An object key is printable ASCII.");
  }
  if (!has_good_components(key)) {
    return invalid_error("invalid_key", "No part of an object key is empty, `.` or `..`.");
  }
  return {};
}

Result<void> check_removal_prefix(std::string_view prefix) {
  if (!prefix.ends_with('/') || !check_object_key(prefix.substr(0, prefix.size() - 1)).ok()) {
    return invalid_error("invalid_prefix", "A prefix to remove by is an object key and a slash.");
  }
  return {};
}

Result<void> check_list_prefix(std::string_view prefix) {
  if (prefix.size() > kMaxObjectKeyLength || !is_printable_ascii(prefix)) {
    return invalid_error("invalid_prefix", "A prefix is at most 1024 bytes of printable ASCII.");
  }
  return {};
}

std::string make_continuation(std::string_view position) { return base64url_encode(position); }

Result<std::string> parse_continuation(std::string_view continuation) {
  auto position = base64url_decode(continuation);
  if (!position.ok() || position->empty()) {
    return invalid_error("invalid_continuation", "The continuation is not one of this listing.");
  }
  return position;
}

Result<ByteSpan> resolve_range(const std::optional<ByteRange>& range, std::uint64_t size) {
  if (!range) return ByteSpan{0, size};
  if (range->first >= size || range->last < range->first) {
    return invalid_error("invalid_range", "The range selects no byte of the object.");
  }
  const std::uint64_t last = std::min(range->last, size - 1);
  return ByteSpan{range->first, last - range->first + 1};
}

std::string content_etag(std::string_view sha256) { return hex_encode(sha256.substr(0, 16)); }

Result<ObjectIntake> ObjectIntake::create(const PutSpec& spec) {
  TRY(check_object_key(spec.key));
  if (spec.size && spec.max_size && *spec.size > *spec.max_size) return too_large(*spec.max_size);
  return ObjectIntake(spec);
}

Result<void> ObjectIntake::accept(std::string_view bytes) {
  const std::uint64_t limit = spec_.size.value_or(spec_.max_size.value_or(UINT64_MAX));
  if (bytes.size() > limit - size_) return too_large(limit);
  hash_.update(bytes);
  size_ += bytes.size();
  return {};
}

Result<std::string> ObjectIntake::finish() {
  if (spec_.size && size_ != *spec_.size) {
    return invalid_error("incomplete_body", "The body has " + std::to_string(size_) + " of the " +
                                                std::to_string(*spec_.size) + " bytes announced.");
  }
  std::string digest = hash_.finish();
  if (spec_.sha256 && digest != *spec_.sha256) {
    return invalid_error("bad_digest", "The body has another SHA-256 than announced.");
  }
  return digest;
}

}  // namespace tintype

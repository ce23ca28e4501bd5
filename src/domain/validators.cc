#include "domain/validators.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>

#include "base/encoding.h"
#include "base/unicode.h"

namespace tintype {
namespace {

constexpr milliseconds kDay{24 * 60 * 60 * 1000};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_user_id_character(char c) {
  return is_ascii_letter(c) || is_digit(c) ||
         std::string_view("._@:-").find(c) != std::string::npos;
}

Error bad_tag(std::string_view why) {
  return invalid_error("invalid_tag",
                       "A tag is 1 to 50 letters, digits, _ and -; " + std::string(why) + ".");
}

Error bad_metadata(std::string detail) {
  return invalid_error("invalid_metadata", std::move(detail));
}

// JSON without the white space between its tokens. Everything else stays as it was sent: the order
// of members and the digits of numbers, which a document tree would lose.
std::string compact_json(std::string_view json) {
  std::string out;
  bool in_string = false;
  bool escaped = false;
  for (char c : json) {
    bool white = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (in_string || !white) out += c;
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
  }
  return out;
}

// False for a number beyond what a double holds, which could be stored but not read back.
bool has_finite_numbers(const boost::json::value& value) {
  if (const auto* number = value.if_double()) return std::isfinite(*number);
  if (const auto* array = value.if_array())
    return std::all_of(array->begin(), array->end(), has_finite_numbers);
  if (const auto* object = value.if_object())
    return std::all_of(object->begin(), object->end(),
                       [](const auto& member) { return has_finite_numbers(member.value()); });
  return true;
}

// Parses for the sake of the errors; a null error code means that it is an object.
Result<void> check_metadata_syntax(std::string_view json) {
  boost::json::error_code failure;
  boost::json::parse_options options;
  options.max_depth = kMaxMetadataDepth;
  auto document = boost::json::parse(json, failure, {}, options);
  if (failure == boost::json::error::too_deep)
    return invalid_error("metadata_too_deep", "metadata may be nested at most 5 deep.");
  if (failure) return bad_metadata("metadata is not valid JSON: " + failure.message() + ".");
  if (!document.is_object()) return bad_metadata("metadata must be a JSON object.");
  if (!has_finite_numbers(document)) return bad_metadata("A number in metadata is too large.");
  return {};
}

Result<Timestamp> parse_date_or_time(std::string_view text, milliseconds after_midnight) {
  if (text.find_first_of("Tt") != std::string_view::npos) {
    auto time = parse_rfc3339(text);
    if (time.ok()) return time;
    // ISO 8601 lets the zone be left out; it is then UTC, as everywhere here.
    auto utc = parse_rfc3339(std::string(text) + "Z");
    return utc.ok() ? utc : time;
  }
  return TRY(parse_date(text)) + after_midnight;
}

}  // namespace

Result<std::string> validate_user_id(std::string_view text) {
  bool fits = !text.empty() && text.size() <= kMaxUserIdLength &&
              std::all_of(text.begin(), text.end(), is_user_id_character);
  // `.` and `..` would be steps of a path where the id is part of an object key.
  if (!fits || text == "." || text == "..")
    return invalid_error("invalid_user_id",
                         "user_id is 1 to 128 characters of A-Z a-z 0-9 . _ @ : -");
  return std::string(text);
}

Result<MediaType> validate_content_type(std::string_view text) {
  if (auto type = parse_media_type(text)) return *type;
  return invalid_error("unsupported_content_type",
                       "content_type must be image/jpeg, image/png, image/webp, image/gif, "
                       "image/avif, image/heic or image/heif.");
}

Result<std::uint64_t> validate_file_size(std::int64_t size, std::uint64_t max_bytes) {
  if (size < 1) return invalid_error("invalid_size", "size must be at least 1 byte.");
  auto bytes = static_cast<std::uint64_t>(size);
  if (bytes > max_bytes)
    return invalid_error("file_too_large",
                         "size must be at most " + std::to_string(max_bytes) + " bytes.");
  return bytes;
}

Result<std::string> validate_sha256(std::string_view text) {
  auto bytes = hex_decode(text);
  if (!bytes.ok() || bytes->size() != 32)
    return invalid_error("invalid_sha256", "sha256 must be 64 hex digits.");
  return hex_encode(*bytes);
}

Result<std::string> normalize_tag(std::string_view text) {
  if (!is_valid_utf8(text)) return bad_tag("this one is not valid UTF-8");
  text = trim_spaces(text);
  text.remove_prefix(std::min(text.find_first_not_of('#'), text.size()));
  text = trim_spaces(text);
  std::string tag;
  std::size_t length = 0;
  bool after_letter = false;
  while (!text.empty()) {
    char32_t c = take_code_point(text);
    after_letter = is_letter_or_digit(c) || (after_letter && is_combining_mark(c));
    if (!after_letter && c != '_' && c != '-') return bad_tag("this one has another character");
    if (++length > kMaxTagLength) return bad_tag("this one is longer");
    append_utf8(tag, to_lower(c));
  }
  if (tag.empty()) return bad_tag("this one is empty");
  return tag;
}

Result<std::vector<std::string>> normalize_tags(const std::vector<std::string>& tags) {
  std::vector<std::string> kept;
  for (const auto& text : tags) {
    auto tag = TRY(normalize_tag(text));
    if (std::find(kept.begin(), kept.end(), tag) != kept.end()) continue;
    if (kept.size() == kMaxTags)
      return invalid_error("too_many_tags", "An image has at most 30 tags.");
    kept.push_back(std::move(tag));
  }
  return kept;
}

Result<std::string> validate_description(std::string_view text) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return invalid_error("invalid_description", "description must be UTF-8 text without NUL.");
  if (count_characters(text) > kMaxDescriptionLength)
    return invalid_error("invalid_description", "description has at most 2200 characters.");
  return std::string(text);
}

Result<std::string> validate_metadata(std::string_view json) {
  // Only white space could make something this long fit.
  if (json.size() <= kMaxJsonBodyBytes) {
    TRY(check_metadata_syntax(json));
    auto compact = compact_json(json);
    if (compact.size() <= kMaxMetadataBytes) return compact;
  }
  return invalid_error("metadata_too_large", "metadata is at most 16 KiB of JSON.");
}

Result<MediaType> validate_image_file(std::string_view first_bytes) {
  if (auto type = sniff_media_type(first_bytes)) return *type;
  if (auto name = sniff_unsupported(first_bytes))
    return Error{ErrorKind::unprocessable,
                 "unsupported_format",
                 "The file is " + std::string(*name) + ", which is not an accepted type.",
                 {}};
  return Error{ErrorKind::unprocessable, "not_an_image", "The file is not an image.", {}};
}

Result<Timestamp> parse_start_date(std::string_view text) {
  return parse_date_or_time(text, milliseconds(0));
}

Result<Timestamp> parse_end_date(std::string_view text) {
  return parse_date_or_time(text, kDay - milliseconds(1));
}

Result<std::string> validate_idempotency_key(std::string_view text) {
  bool visible =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  if (text.empty() || text.size() > kMaxIdempotencyKeyLength || !visible)
    return invalid_error("invalid_idempotency_key",
                         "Idempotency-Key is 1 to 255 visible ASCII characters.");
  return std::string(text);
}

std::size_t count_characters(std::string_view utf8) {
  auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), starts));
}

}  // namespace tintype

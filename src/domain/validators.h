// The rules for what clients send, as pure functions. Each takes the raw value and yields the
// normalised one, or an Error whose `code` and `detail` fit a FieldError of the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/limits.h"
#include "domain/media_type.h"

namespace tintype {

// 1-128 of [A-Za-z0-9._@:-], but not `.` or `..`. Codes: `invalid_user_id`.
Result<std::string> validate_user_id(std::string_view text);

// The last path component (of `/` or `\` paths), without control, bidirectional and invisible
// characters, without white space at either end, dots in front or dots at the end, cut to 255 bytes
// at a character's edge (the extension is kept). `.jpg` becomes `image.jpg`; `image` plus the
// type's extension stands for a name of which nothing is left. Codes: `invalid_filename` for
// ill-formed UTF-8, NUL, or more than 4096 bytes.
Result<std::string> sanitize_filename(std::string_view text, MediaType type);

// Codes: `unsupported_content_type`.
Result<MediaType> validate_content_type(std::string_view text);

// 1 byte to the limit. Codes: `invalid_size`, `file_too_large`.
Result<std::uint64_t> validate_file_size(std::int64_t size, std::uint64_t max_bytes);

// 64 hex digits, lower-cased. Codes: `invalid_sha256`.
Result<std::string> validate_sha256(std::string_view text);

// One tag: trimmed, leading `#` removed, lower-cased (Unicode simple lower-casing), 1-50 characters
// that are letters, digits, `_`, `-`, or combining marks after a letter (base/unicode.h), as
// Devanagari or Thai need them. Codes: `invalid_tag`.
Result<std::string> normalize_tag(std::string_view text);
// At most 30 after normalising, duplicates removed, order kept. Codes: `invalid_tag`,
// `too_many_tags`.
Result<std::vector<std::string>> normalize_tags(const std::vector<std::string>& tags);

// At most 2200 characters of UTF-8 without NUL. Codes: `invalid_description`.
Result<std::string> validate_description(std::string_view text);

// A JSON object of depth <= 5 (the object itself is 1) and <= 16 KiB serialised; yields the compact
// form, with the order of members and the text of numbers as they were. Codes:
// `invalid_metadata`, `metadata_too_large`, `metadata_too_deep`.
Result<std::string> validate_metadata(std::string_view json);

// Decides from the bytes alone what an image file is, whatever it claims to be. Codes: of kind
// `unprocessable`, `not_an_image` for bytes that no accepted signature fits, `unsupported_format`
// for images of other kinds (TIFF, BMP, SVG, PDF, ...).
Result<MediaType> validate_image_file(std::string_view first_bytes);

// RFC 3339 time (without an offset: UTC), or a date alone, which means the first or (for `end`) the
// last millisecond of that day. Codes: `invalid_time`.
Result<Timestamp> parse_start_date(std::string_view text);
Result<Timestamp> parse_end_date(std::string_view text);

// 1-255 visible ASCII characters. Codes: `invalid_idempotency_key`.
Result<std::string> validate_idempotency_key(std::string_view text);

// The number of Unicode characters of well-formed UTF-8.
std::size_t count_characters(std::string_view utf8);

}  // namespace tintype

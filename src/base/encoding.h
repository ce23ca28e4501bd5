// Text forms of bytes: hex (RFC 4648 §8), base64 (§4), base64url without padding (§5) and
// percent-encoding (RFC 3986 §2.1). Byte strings are std::string; nothing here allocates more than
// its result.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tintype {

std::string hex_encode(std::string_view bytes);  // lower case
// Errors: `invalid` when the length is odd or a character is not a hex digit (either case).
Result<std::string> hex_decode(std::string_view text);

std::string base64_encode(std::string_view bytes);  // with padding
// Strict: padding required, no whitespace, no stray bits. Errors: `invalid`.
Result<std::string> base64_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);  // no padding
// Strict: no padding, no stray bits. Errors: `invalid`.
Result<std::string> base64url_decode(std::string_view text);

// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX in upper case; with `keep_slash`, `/` stays. This
// is the encoding that AWS Signature Version 4 calls UriEncode.
std::string percent_encode(std::string_view bytes, bool keep_slash = false);
// Decodes %XX; with `plus_is_space`, `+` becomes a space (form encoding). Errors: `invalid` for a
// `%` that two hex digits do not follow. The result may hold any byte, NUL included.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// True when the text is well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
bool is_valid_utf8(std::string_view text);

}  // namespace tintype

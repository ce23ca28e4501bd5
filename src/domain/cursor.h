// The opaque `last_key` of a list: where the next page begins, authenticated, and bound to the
// filters it was made for.
//
// Text: base64url( version 1 || 8 bytes milliseconds, big-endian || 16 bytes image id || 16 bytes
// of HMAC-SHA-256 over those and the filters' fingerprint ). A client cannot make or alter one, nor
// use it with other filters.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/image_query.h"

namespace tintype {

// `secret` is the deployment's cursor key: at least 32 bytes, the same in all replicas.
std::string encode_cursor(const ImageQuery& query, const ListPosition& last,
                          std::string_view secret);

// Errors: `invalid` with code `invalid_cursor`, whatever is wrong with it.
Result<ListPosition> decode_cursor(const ImageQuery& query, std::string_view text,
                                   std::string_view secret);

}  // namespace tintype

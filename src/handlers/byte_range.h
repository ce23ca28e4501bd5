// Range requests (RFC 9110 §14).
#pragma once

#include <optional>
#include <string_view>

#include "handlers/http.h"
#include "ports/object_store.h"

namespace tintype {

struct RangeDecision {
  enum class Kind : std::uint8_t { whole, part, unsatisfiable };
  Kind kind = Kind::whole;
  ByteRange range;  // for `part`, within the object
};

// Decides what a Range header means for an object of `size` bytes. Other units, several ranges and
// syntax errors mean the whole object, as the RFC allows.
RangeDecision decide_range(std::string_view header, std::uint64_t size);

// What a request asks for of `size` bytes: all of them without a Range header, and where its
// If-Range names something else than `etag` or `modified`.
RangeDecision requested_range(const Request& request, std::uint64_t size, std::string_view etag,
                              std::string_view modified);

// Makes a 206 of a whole answer.
void cut_to_range(Response& response, const ByteRange& range);

}  // namespace tintype

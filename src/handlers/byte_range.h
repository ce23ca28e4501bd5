// Range requests (RFC 9110 §14).
#pragma once

#include <optional>
#include <string_view>

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

}  // namespace tintype

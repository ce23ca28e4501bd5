// Time, passed in rather than asked for, so that tests can move it.
//
// A Timestamp is wall-clock UTC in milliseconds: what records and answers hold. A Deadline is a
// point of the steady clock: what waiting is bounded by.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tintype {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Deadline = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline Deadline deadline_in(std::chrono::steady_clock::duration d) {
  return std::chrono::steady_clock::now() + d;
}
inline bool has_passed(Deadline d) { return std::chrono::steady_clock::now() >= d; }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;  // may be called from any thread
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

// `2026-11-22T08:00:00.123Z` (RFC 3339, UTC, always milliseconds); years 0000 to 9999.
std::string format_rfc3339(Timestamp t);
// Appends the same 24 characters.
void append_rfc3339(std::string& out, Timestamp t);
// Accepts RFC 3339 with any number of fractional digits (cut to milliseconds) and `Z` or an offset.
// Errors: `invalid`.
Result<Timestamp> parse_rfc3339(std::string_view text);
// A calendar date `2026-11-22` as its first millisecond UTC. Errors: `invalid`.
Result<Timestamp> parse_date(std::string_view text);

// `Sun, 22 Nov 2026 08:00:00 GMT` (RFC 9110 §5.6.7).
std::string format_http_date(Timestamp t);
// The inverse; that form alone. Errors: `invalid`.
Result<Timestamp> parse_http_date(std::string_view text);
// `20261122T080000Z`, the basic form that AWS signatures use; and its inverse. Errors: `invalid`.
std::string format_amz_date(Timestamp t);
Result<Timestamp> parse_amz_date(std::string_view text);

}  // namespace tintype

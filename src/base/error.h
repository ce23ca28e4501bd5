// Error: what went wrong, said so that the caller knows what to do next.
//
// `kind` decides the reaction and the HTTP status; `code` is the stable word of the wire contract
// (`invalid_cursor`, `revision_mismatch`, ...); `detail` is one sentence for a person. Errors carry
// no secrets: a detail may be sent to the client as it is, except for those that are for the
// operator alone: they name hosts, files, accounts and tables, and go to the log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tintype {

enum class ErrorKind : std::uint8_t {
  invalid,            // 400: the request is wrong; sending it again will not help
  unauthenticated,    // 401
  forbidden,          // 403
  not_found,          // 404
  conflict,           // 409: another state of the resource is needed first
  gone,               // 410
  stale,              // 412: read again, then retry with the new revision
  too_large,          // 413
  unsupported_media,  // 415
  unprocessable,      // 422: well-formed, but the content cannot be accepted
  rate_limited,       // 429
  internal,           // 500: a defect or a broken store; the detail is not for the client
  unavailable,        // 503: try again later
  timeout,            // 504: the deadline passed
  storage_full,       // 507: try again when space has been made
};

// The HTTP status that an error of this kind is answered with.
int http_status(ErrorKind kind);

// One bad field of a request: its JSON path or parameter name, a stable code and a sentence.
struct FieldError {
  std::string field;
  std::string code;
  std::string detail;
  bool operator==(const FieldError&) const = default;
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string code;
  std::string detail;
  std::vector<FieldError> fields;  // only for kind `invalid`

  bool is(ErrorKind k) const { return kind == k; }
  bool is(std::string_view c) const { return code == c; }
  // `internal`, and what is `unavailable` or out of time for a reason of its own
  // (`aws_credentials`, `s3_no_bucket`) that somebody has to mend.
  bool is_for_operator() const;
};

// Named makers of the errors that many places need.
Error invalid_error(std::string code, std::string detail);
Error validation_error(std::vector<FieldError> fields);  // code `validation_failed`
Error not_found_error(std::string detail);               // code `not_found`
Error stale_error();                                     // code `revision_mismatch`
Error internal_error(std::string detail);                // code `internal`
Error unavailable_error(std::string detail);             // code `unavailable`
Error timeout_error(std::string detail);                 // code `deadline_exceeded`
Error storage_full_error(std::string detail);            // code `storage_full`

// The error for a failed system call: ENOSPC and EDQUOT are `storage_full`, EMFILE, ENFILE and
// ENOMEM are `unavailable`, ENOENT is `not_found`, everything else (EIO, EROFS, ...) `internal`.
Error system_error(std::string_view what, int errno_value);

}  // namespace tintype

#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace tintype {

int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return 400;
    case ErrorKind::unauthenticated: return 401;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::not_found: return 404;
    case ErrorKind::conflict: return 409;
    case ErrorKind::gone: return 410;
    case ErrorKind::stale: return 412;
    case ErrorKind::too_large: return 413;
    case ErrorKind::unsupported_media: return 415;
    case ErrorKind::unprocessable: return 422;
    case ErrorKind::rate_limited: return 429;
    case ErrorKind::internal: return 500;
    case ErrorKind::unavailable: return 503;
    case ErrorKind::timeout: return 504;
    case ErrorKind::storage_full: return 507;
  }
  return 500;
}

bool Error::is_for_operator() const {
  if (kind == ErrorKind::unavailable) return code != "unavailable" && code != "overloaded";
  if (kind == ErrorKind::timeout) return code != "deadline_exceeded";
  return kind == ErrorKind::internal;
}

Error invalid_error(std::string code, std::string detail) {
  return {ErrorKind::invalid, std::move(code), std::move(detail), {}};
}

Error validation_error(std::vector<FieldError> fields) {
  std::string detail = fields.size() == 1
                           ? fields.front().field + ": " + fields.front().detail
                           : std::to_string(fields.size()) + " fields are not valid.";
  return {ErrorKind::invalid, "validation_failed", std::move(detail), std::move(fields)};
}

Error not_found_error(std::string detail) {
  return {ErrorKind::not_found, "not_found", std::move(detail), {}};
}

Error stale_error() {
  return {ErrorKind::stale, "revision_mismatch", "The image has changed since that revision.", {}};
}

Error internal_error(std::string detail) {
  return {ErrorKind::internal, "internal", std::move(detail), {}};
}

Error unavailable_error(std::string detail) {
  return {ErrorKind::unavailable, "unavailable", std::move(detail), {}};
}

Error timeout_error(std::string detail) {
  return {ErrorKind::timeout, "deadline_exceeded", std::move(detail), {}};
}

Error storage_full_error(std::string detail) {
  return {ErrorKind::storage_full, "storage_full", std::move(detail), {}};
}

Error system_error(std::string_view what, int errno_value) {
  std::string detail = std::string(what) + ": " + std::strerror(errno_value);
  switch (errno_value) {
    case ENOSPC:
    case EDQUOT: return storage_full_error(std::move(detail));
    case EMFILE:
    case ENFILE:
    case ENOMEM: return unavailable_error(std::move(detail));
    case ENOENT: return not_found_error(std::move(detail));
    default: return internal_error(std::move(detail));
  }
}

}  // namespace tintype

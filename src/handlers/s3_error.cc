#include "handlers/s3_error.h"

#include <array>

#include "handlers/problem.h"

namespace tintype {
namespace {

struct S3Code {
  std::string_view ours;
  std::string_view theirs;
  int status;
};

constexpr std::array<S3Code, 6> kCodes = {{
    {"incomplete_body", "IncompleteBody", 400},
    {"entity_too_large", "EntityTooLarge", 400},
    {"bad_digest", "BadDigest", 400},
    {"invalid_range", "InvalidRange", 416},
    {"not_found", "NoSuchKey", 404},
    {"storage_full", "InsufficientStorage", 507},
}};

void append_xml(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  append_xml(out, text);
  out.append("</").append(name).append(">");
}

}  // namespace

Response s3_error_response(int status, std::string_view code, std::string_view message,
                           const Request& request) {
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>";
  append_element(body, "Code", code);
  append_element(body, "Message", message);
  append_element(body, "Resource", request.raw_path);
  append_element(body, "RequestId", request.request_id);
  body += "</Error>\n";
  Response response;
  response.status = status;
  response.set("Content-Type", "application/xml");
  if (status == 503) response.set("Retry-After", "1");
  response.body = std::move(body);
  return response;
}

Response s3_error_response(const Error& reason, const Request& request) {
  const Error error = public_error(reason, request.request_id);
  for (const auto& code : kCodes)
    if (error.is(code.ours))
      return s3_error_response(code.status, code.theirs, error.detail, request);
  if (error.is(ErrorKind::unavailable))
    return s3_error_response(503, "SlowDown", error.detail, request);
  if (error.is(ErrorKind::internal))
    return s3_error_response(500, "InternalError", "We encountered an internal error.", request);
  return s3_error_response(http_status(error.kind), error.code, error.detail, request);
}

}  // namespace tintype

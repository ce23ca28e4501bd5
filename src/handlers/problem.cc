#include "handlers/problem.h"

#include "base/json_writer.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

constexpr std::string_view kHiddenDetail =
    "The service could not do this because of an internal error; the request id finds it in the "
    "log.";

constexpr std::string_view kHiddenReason =
    "The service cannot do this now, because a part that it needs does not answer as it should; "
    "try again later.";

void append_fields(JsonWriter& json, const std::vector<FieldError>& fields) {
  json.key("errors").begin_array();
  for (const auto& field : fields) {
    json.begin_object();
    json.key("field").string(field.field).key("code").string(field.code);
    json.key("detail").string(field.detail).end_object();
  }
  json.end_array();
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Internal Server Error";
  }
}

Error public_error(const Error& error, std::string_view request_id) {
  if (!error.is_for_operator()) return error;
  if (error.is(ErrorKind::internal)) {
    log_error("internal error", {{"request_id", request_id}, {"detail", error.detail}});
    return {error.kind, error.code, std::string(kHiddenDetail), {}};
  }
  log_warn("unavailable",
           {{"request_id", request_id}, {"code", error.code}, {"detail", error.detail}});
  return unavailable_error(std::string(kHiddenReason));
}

void append_problem(std::string& out, int status, const Error& reason,
                    std::string_view request_id) {
  const Error error = public_error(reason, request_id);
  JsonWriter json(out);
  json.begin_object().key("type").string("urn:tintype:problem:" + error.code);
  json.key("title").string(reason_phrase(status)).key("status").number(status);
  json.key("detail").string(error.detail);
  json.key("code").string(error.code).key("request_id").string(request_id);
  if (!error.fields.empty()) append_fields(json, error.fields);
  json.end_object();
}

Response problem_response(const Error& error, std::string_view request_id) {
  int status = http_status(error.kind);
  Response response;
  response.status = status;
  response.set("Content-Type", "application/problem+json");
  if (status == 503 || status == 429) response.set("Retry-After", "1");
  if (status == 401) response.set("WWW-Authenticate", "Bearer");
  std::string body;
  append_problem(body, status, error, request_id);
  response.body = std::move(body);
  return response;
}

Response problem_response(int status, std::string_view code, std::string_view detail,
                          std::string_view request_id) {
  Error error{ErrorKind::invalid, std::string(code), std::string(detail), {}};
  Response response;
  response.status = status;
  response.set("Content-Type", "application/problem+json");
  if (status == 503 || status == 429) response.set("Retry-After", "1");
  std::string body;
  append_problem(body, status, error, request_id);
  response.body = std::move(body);
  return response;
}

}  // namespace tintype

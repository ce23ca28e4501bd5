#include "handlers/gate.h"

#include <algorithm>
#include <cctype>

#include "handlers/problem.h"
#include "handlers/response.h"
#include "handlers/s3_error.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxRequestId = 128;
// What a form's fields and part headers may add to the file.
constexpr std::uint64_t kFormOverhead = 128 * 1024;

bool has_media_type(const Request& request, std::string_view wanted) {
  auto header = request.header("content-type");
  if (!header) return false;
  auto type = header->substr(0, header->find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return std::equal(type.begin(), type.end(), wanted.begin(), wanted.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

bool is_json(const Request& request) {
  return has_media_type(request, "application/json") ||
         has_media_type(request, "application/merge-patch+json");
}

BodyPlan refuse_body(const Request& request, int status, std::string_view code,
                     std::string_view detail) {
  BodyPlan plan;
  plan.refusal = problem_response(status, code, detail, request.request_id);
  plan.refusal->close = true;
  return plan;
}

BodyPlan too_large(const Route& route, const Request& request) {
  if (!route.s3_errors)
    return refuse_body(request, 413, "payload_too_large", "The body exceeds this route's limit.");
  BodyPlan plan;
  plan.refusal = s3_error_response(
      400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", request);
  plan.refusal->close = true;
  return plan;
}

}  // namespace

std::optional<std::string> accepted_request_id(const Request& request) {
  auto id = request.header("x-request-id");
  auto allowed = [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-';
  };
  if (!id || id->empty() || id->size() > kMaxRequestId) return std::nullopt;
  if (!std::all_of(id->begin(), id->end(), allowed)) return std::nullopt;
  return std::string(*id);
}

BodyPlan plan_body(const ApiContext& context, const Route& route, const Request& request) {
  bool has_body = request.chunked || request.content_length.value_or(0) > 0;
  if (route.body == BodyKind::none) {
    if (has_body) return refuse_body(request, 400, "unexpected_body", "This takes no body.");
    return {};
  }
  bool form = route.open && route.handle && has_media_type(request, "multipart/form-data");
  BodyPlan plan{std::nullopt, form ? BodyKind::stream : route.body, route.max_body};
  if (plan.kind == BodyKind::stream)
    plan.max_body = context.services.limits.max_upload_bytes + kFormOverhead;
  if (request.content_length.value_or(0) > plan.max_body) return too_large(route, request);
  if (plan.kind == BodyKind::whole && has_body && !is_json(request))
    return refuse_body(
        request, 415, "unsupported_media_type",
        route.open ? "Send application/json or multipart/form-data." : "Send application/json.");
  return plan;
}

bool is_acceptable(const Route& route, const Request& request) {
  auto header = request.header("accept");
  if (!header || route.produces.empty() || header->empty()) return true;
  std::string accept(*header);
  for (char& c : accept) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto family = std::string(route.produces.substr(0, route.produces.find('/'))) + "/*";
  return accept.find("*/*") != std::string::npos || accept.find(family) != std::string::npos ||
         accept.find(route.produces) != std::string::npos;
}

Response options_response(const Request& request, const std::string& allow) {
  Response response = empty_response(204);
  response.set("Allow", allow);
  if (request.header("access-control-request-method")) {
    response.set("Access-Control-Allow-Methods", allow);
    if (auto wanted = request.header("access-control-request-headers"))
      response.set("Access-Control-Allow-Headers", std::string(*wanted));
    response.set("Access-Control-Max-Age", "600");
  }
  return response;
}

void add_cors(const ApiContext& context, const Request& request, Response& response) {
  const auto& origins = context.config.cors_origins;
  if (origins.empty()) return;
  auto origin = request.header("origin");
  bool any = origins.front() == "*";
  if (!any) response.set("Vary", "Origin");
  if (!origin) return;
  if (!any && std::find(origins.begin(), origins.end(), *origin) == origins.end()) return;
  response.set("Access-Control-Allow-Origin", any ? "*" : std::string(*origin));
  response.set("Access-Control-Expose-Headers",
               "ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, Content-Range");
}

}  // namespace tintype

#include "handlers/byte_range.h"
#include "handlers/handlers.h"
#include "handlers/object_access.h"
#include "handlers/response.h"
#include "handlers/s3_error.h"

namespace tintype {
namespace {

std::string parameter(const sigv4::NameValues& query, std::string_view name) {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return {};
}

bool not_modified(const Request& request, std::string_view etag, const std::string& modified) {
  if (request.header("if-none-match")) return if_none_match(request, etag);
  auto since = request.header("if-modified-since");
  return since && *since == modified;
}

void describe(Response& response, const sigv4::NameValues& query) {
  auto type = parameter(query, "response-content-type");
  auto disposition = parameter(query, "response-content-disposition");
  response.set("Content-Type", type.empty() ? "application/octet-stream" : type);
  if (!disposition.empty()) response.set("Content-Disposition", disposition);
  // The bytes may be anything a user sent: no browser shall take them for a page.
  response.set("Content-Security-Policy", "default-src 'none'; sandbox");
}

Result<Response> get_object(const ApiContext& context, const Request& request) {
  // A URL presigned for GET answers HEAD too.
  auto url = TRY(verify_object_request(context, request, "GET"));
  auto object = TRY(context.services.objects.open(request.path_parameters.back()));
  std::string etag = "\"" + object.info.etag + "\"";
  std::string modified = format_http_date(object.info.modified);
  Response response;
  response.set("ETag", etag);
  response.set("Last-Modified", modified);
  response.set("Accept-Ranges", "bytes");
  response.set("Cache-Control", "private, max-age=31536000, immutable");
  if (not_modified(request, etag, modified)) {
    response.status = 304;
    return response;
  }
  auto decision = requested_range(request, object.info.size, etag, modified);
  if (decision.kind == RangeDecision::Kind::unsatisfiable) {
    Response refusal =
        s3_error_response(416, "InvalidRange", "The requested range is not satisfiable", request);
    refusal.set("Content-Range", "bytes */" + std::to_string(object.info.size));
    return refusal;
  }
  describe(response, url.query);
  response.body =
      FileBody{std::make_shared<UniqueFd>(std::move(object.fd)), object.offset, object.length};
  if (decision.kind == RangeDecision::Kind::part) cut_to_range(response, decision.range);
  return response;
}

}  // namespace

Response get_object_handler(const ApiContext& context, const Caller&, const Request& request) {
  auto response = get_object(context, request);
  return response.ok() ? std::move(*response) : s3_error_response(response.error(), request);
}

}  // namespace tintype

#include "base/json_writer.h"
#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"
#include "handlers/response.h"
#include "services/download_image.h"

namespace tintype {
namespace {

constexpr std::int64_t kMaxLifetime = 604800;

std::string link_json(const DownloadLink& link) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("download_url").string(link.url);
  json.key("expires_at").time(link.expires_at);
  json.key("filename").string(link.image.filename);
  json.key("content_type").string(media_type_name(link.image.content_type));
  json.key("size").number(link.image.size).end_object();
  return body;
}

Result<Response> download(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  DownloadOptions options;
  options.expires_in =
      seconds(params.take_integer("expires_in", 1, kMaxLifetime, errors).value_or(900));
  auto disposition = params.take("disposition").value_or("attachment");
  options.attachment = disposition == "attachment";
  if (disposition != "attachment" && disposition != "inline")
    errors.push_back({"disposition", "invalid_value", "It must be inline or attachment."});
  bool redirect = params.take_bool("redirect", errors).value_or(false);
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));

  auto id = TRY(path_image_id(request));
  auto link = TRY(download_image(context.services, id, options));
  Response response = redirect ? empty_response(302) : json_response(200, link_json(link));
  if (redirect) response.set("Location", link.url);
  response.set("Cache-Control", "private, no-store");
  return response;
}

}  // namespace

Response download_handler(const ApiContext& context, const Caller&, const Request& request) {
  return answer(request, download(context, request));
}

}  // namespace tintype

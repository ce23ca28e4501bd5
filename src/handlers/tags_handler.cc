#include "base/json_writer.h"
#include "domain/validators.h"
#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/new_image_body.h"
#include "handlers/query_params.h"
#include "handlers/response.h"

namespace tintype {
namespace {

Result<Response> tags(const ApiContext& context, const Caller& caller, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  TagQuery query;
  if (auto user = params.take("user_id"))
    query.user_id = check_field("user_id", validate_user_id(*user), errors);
  if (auto prefix = params.take("prefix"); prefix && !prefix->empty())
    if (auto tag = check_field("prefix", normalize_tag(*prefix), errors)) query.prefix = *tag;
  query.limit =
      static_cast<std::size_t>(params.take_integer("limit", 1, kMaxPageSize, errors).value_or(50));
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  if (!caller.may_act_for_all) query.user_id = TRY(acting_user(caller, query.user_id));

  auto counts = TRY(context.services.metadata.tag_counts(query));
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("tags").begin_array();
  for (const auto& entry : counts) {
    json.begin_object().key("tag").string(entry.tag);
    json.key("count").number(entry.count).end_object();
  }
  json.end_array().end_object();
  return json_response(200, std::move(body));
}

void limit(JsonWriter& json, std::string_view name, std::uint64_t value) {
  json.key(name);
  if (value == 0) json.null();
  else json.number(value);
}

Result<Response> usage(const ApiContext& context, const Caller& caller, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams(request.raw_query).reject_others(errors);
  auto user = check_field("user_id", validate_user_id(request.path_parameters.front()), errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  TRY(acting_user(caller, user));
  auto used = TRY(context.services.metadata.usage(*user));
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("images").number(used.images).key("bytes").number(used.bytes);
  json.key("limits").begin_object();
  limit(json, "images", context.services.limits.max_user_images);
  limit(json, "bytes", context.services.limits.max_user_bytes);
  json.end_object().end_object();
  return json_response(200, std::move(body));
}

}  // namespace

Response tags_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, tags(context, caller, request));
}

Response usage_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, usage(context, caller, request));
}

}  // namespace tintype

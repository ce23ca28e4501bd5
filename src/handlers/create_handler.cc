#include "handlers/answer.h"
#include "handlers/created_json.h"
#include "handlers/handlers.h"
#include "handlers/new_image_body.h"
#include "handlers/query_params.h"
#include "handlers/response.h"

namespace tintype {
namespace {

UploadMethod read_method(JsonObject& body, std::vector<FieldError>& errors) {
  auto text = body.string("upload", errors);
  if (!text || *text == "put") return UploadMethod::put;
  if (*text == "post") return UploadMethod::post;
  errors.push_back({"upload", "invalid_value", "It must be put or post."});
  return UploadMethod::put;
}

Result<Response> create(const ApiContext& context, const Caller& caller, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  CreateOptions options;
  options.allow_duplicate = params.take_bool("allow_duplicate", errors).value_or(false);
  params.reject_others(errors);

  auto body = TRY(JsonObject::parse(request.body));
  auto fields = read_new_image(body, errors);
  options.method = read_method(body, errors);
  body.reject_unknown(errors);
  NewImage wish = validate_new_image(fields, context.services.limits, errors);
  if (!errors.empty()) return fields_error(std::move(errors));
  wish.user_id = TRY(acting_user(caller, fields.user_id));

  options.image_id = request.attempt.first_id;
  options.repeated = request.attempt.repeated;
  auto created = TRY(create_upload(context.services, wish, options));
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  append_created(json, created, {context.config.public_url});
  json.end_object();
  Response response = json_response(created.duplicate ? 200 : 201, std::move(text));
  response.set("Location",
               context.config.public_url + "/images/" + created.image.image_id.to_string());
  response.set("ETag", revision_etag(created.image));
  return response;
}

}  // namespace

Response create_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, create(context, caller, request));
}

}  // namespace tintype

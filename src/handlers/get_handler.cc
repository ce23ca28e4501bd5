#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/image_response.h"
#include "handlers/ownership.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"

namespace tintype {
namespace {

// `include=location` and `fields=...`.
Result<ImageView> read_view(const ApiContext& context, const Request& request) {
  ImageView view{context.config.public_url};
  if (request.raw_query.empty()) return view;
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  auto include = params.take("include");
  if (include && *include == "location") view.include_location = true;
  else if (include) errors.push_back({"include", "invalid_value", "It must be location."});
  if (auto fields = params.take("fields")) view.fields = parse_fields(*fields, errors);
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  return view;
}

Result<Response> get(const ApiContext& context, const Caller& caller, const Request& request) {
  auto view = TRY(read_view(context, request));
  auto id = TRY(path_image_id(request));
  auto image = TRY(find_own_image(context, caller, id));
  TRY(check_present(image));
  if (if_none_match(request, revision_etag(image))) {
    Response unchanged = empty_response(304);
    unchanged.set("ETag", revision_etag(image));
    return unchanged;
  }
  if (!request.raw_query.empty()) return image_response(200, image, view);
  std::string body;
  body.reserve(kTypicalImageBytes);
  context.image_memo->append(body, image, view);
  Response response = json_response(200, std::move(body));
  response.set("ETag", revision_etag(image));
  return response;
}

}  // namespace

Response get_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, get(context, caller, request));
}

}  // namespace tintype

#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/image_response.h"
#include "handlers/object_access.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"
#include "services/delete_image.h"

namespace tintype {
namespace {

Result<Response> remove(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  bool hard = params.take_bool("hard", errors).value_or(false);
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  auto id = TRY(path_image_id(request));
  auto revision = TRY(if_match_revision(context.services, request, id));
  if (hard) {
    TRY(purge_image(context.services, id, revision));
    return empty_response(204);
  }
  auto image = TRY(delete_image(context.services, id, revision));
  return image_response(200, image, {context.config.public_url});
}

Result<Response> restore(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams(request.raw_query).reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  auto id = TRY(path_image_id(request));
  auto image = TRY(restore_image(context.services, id));
  resume_upload(context, image);
  return image_response(200, image, {context.config.public_url});
}

}  // namespace

Response delete_handler(const ApiContext& context, const Caller&, const Request& request) {
  return answer(request, remove(context, request));
}

Response restore_handler(const ApiContext& context, const Caller&, const Request& request) {
  return answer(request, restore(context, request));
}

}  // namespace tintype

#include "domain/validators.h"
#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/image_response.h"
#include "handlers/new_image_body.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"
#include "handlers/update_body.h"
#include "services/update_image.h"

namespace tintype {
namespace {

Result<Response> update(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams(request.raw_query).reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  auto id = TRY(path_image_id(request));
  auto body = TRY(JsonObject::parse(request.body));
  auto wish = TRY(read_update(body, {}));
  auto revision = TRY(if_match_revision(context.services, request, id));
  auto image = TRY(update_image(context.services, id, revision, [&](const ImageMetadata& current) {
    return resolve_update(wish, current);
  }));
  return image_response(200, image, {context.config.public_url});
}

}  // namespace

Response update_handler(const ApiContext& context, const Caller&, const Request& request) {
  return answer(request, update(context, request));
}

}  // namespace tintype

#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/image_response.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"
#include "services/complete_upload.h"
#include "services/image_access.h"

namespace tintype {
namespace {

// `wait=false`: the bytes must be there, the work goes on without the client.
Result<Response> accept(const ApiContext& context, const ImageId& id, const ImageView& view) {
  auto image = TRY(find_present_image(context.services, id));
  if (image.status != ImageStatus::processing) return image_response(200, image, view);
  auto object = context.services.objects.head(incoming_key(id));
  if (!object.ok() && object.error().is(ErrorKind::not_found) && !image.lease_until)
    return Error{
        ErrorKind::conflict, "upload_missing", "The bytes of the image are not there yet.", {}};
  context.on_uploaded(id);
  return image_response(202, image, view);
}

Result<Response> complete(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  bool wait = params.take_bool("wait", errors).value_or(true);
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  auto id = TRY(path_image_id(request));
  ImageView view{context.config.public_url};
  if (!wait) return accept(context, id, view);
  auto image = TRY(complete_upload(context.services, id, work_deadline(request)));
  return image_response(200, image, view);
}

}  // namespace

Response complete_handler(const ApiContext& context, const Caller&, const Request& request) {
  return answer(request, complete(context, request));
}

}  // namespace tintype

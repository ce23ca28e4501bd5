#include "handlers/answer.h"
#include "handlers/created_json.h"
#include "handlers/handlers.h"
#include "handlers/image_response.h"
#include "handlers/new_image_body.h"
#include "handlers/object_access.h"
#include "handlers/ownership.h"
#include "handlers/query_params.h"
#include "handlers/update_body.h"
#include "services/complete_upload.h"
#include "services/delete_image.h"
#include "services/image_access.h"

namespace tintype {
namespace {

// What one operation came to: a status, and the members of its result.
struct Outcome {
  int status = 200;
  std::optional<ImageMetadata> image;
  std::optional<CreatedUpload> created;
};

struct Batch {
  const ApiContext& context;
  const Caller& caller;
  const Request& request;
  Deadline deadline;      // of all operations together
  std::size_t index = 0;  // of the one that runs
};

Result<void> check_fields(JsonObject& operation, std::vector<FieldError> errors) {
  operation.reject_unknown(errors);
  if (errors.empty()) return {};
  return fields_error(std::move(errors));
}

// The id of an image that the caller may act on.
Result<ImageId> read_id(const Batch& batch, JsonObject& operation) {
  std::vector<FieldError> errors;
  auto text = operation.string("image_id", errors);
  if (!text && errors.empty()) errors.push_back({"image_id", "required", "It is required."});
  if (!errors.empty()) return validation_error(std::move(errors));
  auto id = ImageId::parse(*text);
  if (!id.ok()) return not_found_error("There is no such image.");
  TRY(check_owner(batch.context, batch.caller, *id));
  return id;
}

Result<Outcome> run_create(const Batch& batch, JsonObject& operation) {
  std::vector<FieldError> errors;
  auto fields = read_new_image(operation, errors);
  CreateOptions options;
  options.allow_duplicate = operation.boolean("allow_duplicate", errors).value_or(false);
  operation.reject_unknown(errors);
  NewImage wish = validate_new_image(fields, batch.context.services.limits, errors);
  if (!errors.empty()) return fields_error(std::move(errors));
  wish.user_id = TRY(acting_user(batch.caller, fields.user_id));
  options.image_id = batch.request.attempt.id(batch.index);
  options.repeated = batch.request.attempt.repeated;
  auto created = TRY(create_upload(batch.context.services, wish, options));
  return Outcome{created.duplicate ? 200 : 201, std::nullopt, std::move(created)};
}

Result<Outcome> run_update(const Batch& batch, JsonObject& operation) {
  auto id = TRY(read_id(batch, operation));
  auto wish = TRY(read_update(operation, {"op", "image_id"}));
  auto image =
      TRY(update_image(batch.context.services, id, std::nullopt,
                       [&](const ImageMetadata& now) { return resolve_update(wish, now); }));
  return Outcome{200, std::move(image), std::nullopt};
}

Result<Outcome> run_delete(const Batch& batch, JsonObject& operation) {
  std::vector<FieldError> errors;
  bool hard = operation.boolean("hard", errors).value_or(false);
  auto id = TRY(read_id(batch, operation));
  TRY(check_fields(operation, std::move(errors)));
  if (!hard) {
    auto image = TRY(delete_image(batch.context.services, id, std::nullopt));
    return Outcome{200, std::move(image), std::nullopt};
  }
  TRY(purge_image(batch.context.services, id, std::nullopt));
  return Outcome{204, std::nullopt, std::nullopt};
}

template <typename Simple>
Result<Outcome> run_simple(const Batch& batch, JsonObject& operation, Simple run) {
  auto id = TRY(read_id(batch, operation));
  TRY(check_fields(operation, {}));
  auto image = TRY(run(batch.context.services, id));
  return Outcome{200, std::move(image), std::nullopt};
}

Result<Outcome> run_restore(const Batch& batch, JsonObject& operation) {
  auto outcome = TRY(run_simple(batch, operation, restore_image));
  resume_upload(batch.context, *outcome.image);
  return outcome;
}

Result<Outcome> run_complete(const Batch& batch, JsonObject& operation) {
  return run_simple(batch, operation, [&](const ServiceContext& services, const ImageId& id) {
    return complete_upload(services, id, batch.deadline);
  });
}

Result<Outcome> run_operation(const Batch& batch, JsonObject& operation) {
  std::vector<FieldError> errors;
  auto op = operation.string("op", errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  if (op == "create") return run_create(batch, operation);
  if (op == "complete") return run_complete(batch, operation);
  if (op == "update") return run_update(batch, operation);
  if (op == "delete") return run_delete(batch, operation);
  if (op == "restore") return run_restore(batch, operation);
  if (op == "get") return run_simple(batch, operation, find_present_image);
  return validation_error({{"op", op ? "invalid_value" : "required",
                            "It must be create, complete, update, delete, restore or get."}});
}

void append_result(std::string& body, const Batch& batch, const Result<Outcome>& outcome) {
  JsonWriter json(body);
  ImageView view{batch.context.config.public_url};
  std::string text;
  json.begin_object().key("index").number(std::uint64_t{batch.index});
  if (!outcome.ok()) {
    int status = http_status(outcome.error().kind);
    append_problem(text, status, outcome.error(), batch.request.request_id);
    json.key("status").number(status).key("problem").raw(text);
  } else {
    // A created image's own status would clash with the operation's: its ticket has its own object.
    json.key("status").number(outcome->status);
    if (outcome->image) append_image(text, *outcome->image, view);
    if (outcome->created) append_image(text, outcome->created->image, view);
    if (!text.empty()) json.key("image").raw(text);
    if (outcome->created) {
      json.key("upload").begin_object();
      append_created_ticket(json, *outcome->created);
      json.end_object();
    }
  }
  json.end_object();
}

Result<Response> run_batch(Batch batch) {
  std::vector<FieldError> errors;
  QueryParams(batch.request.raw_query).reject_others(errors);
  auto body = TRY(JsonObject::parse(batch.request.body));
  auto operations = body.objects("operations", errors);
  body.reject_unknown(errors);
  if (!operations && errors.empty())
    errors.push_back({"operations", "required", "It is required."});
  if (operations && (operations->empty() || operations->size() > kMaxBatchOperations))
    errors.push_back({"operations", "invalid_length", "It must hold 1 to 100 operations."});
  if (!errors.empty()) return validation_error(std::move(errors));

  std::string text = "{\"results\":[";
  bool is_passing = false;
  for (; batch.index < operations->size(); ++batch.index) {
    if (batch.index > 0) text += ',';
    const auto outcome = run_operation(batch, (*operations)[batch.index]);
    is_passing = is_passing || (!outcome.ok() && http_status(outcome.error().kind) >= 500);
    append_result(text, batch, outcome);
  }
  Response response = json_response(200, text + "]}");
  response.passing = is_passing;
  return response;
}

}  // namespace

Response batch_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, run_batch({context, caller, request, work_deadline(request)}));
}

}  // namespace tintype

// POST /images with multipart/form-data: fields and bytes in one request, the finished image in its
// answer.
#include "base/hash.h"
#include "handlers/answer.h"
#include "handlers/created_json.h"
#include "handlers/handlers.h"
#include "handlers/idempotency.h"
#include "handlers/image_response.h"
#include "handlers/multipart_parser.h"
#include "handlers/new_image_body.h"
#include "handlers/query_params.h"
#include "services/complete_upload.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxFieldBytes = 64 * 1024;

class FormSink final : public BodySink, private PartHandler {
 public:
  FormSink(const ApiContext& context, Caller caller, const Request& request, bool allow_duplicate,
           std::string_view boundary)
      : context_(context),
        caller_(std::move(caller)),
        request_(request),
        allow_duplicate_(allow_duplicate),
        parser_(boundary, *this) {}

  std::optional<Response> write(std::string_view chunk) override {
    auto fed = parser_.feed(chunk);
    if (fed.ok()) return std::nullopt;
    return problem_response(as_problem(fed.error()), request_.request_id);
  }

  Response finish() override {
    auto ended = parser_.finish();
    if (!ended.ok()) return problem_response(ended.error(), request_.request_id);
    // The bytes come before the fields are known whole; without a file there is no id yet.
    if (!writer_) id_ = new_id();
    const std::string text = content();
    const auto first = Attempt::first(id_, context_.services.random);
    return with_idempotency(
        context_, {caller_, request_, text, first},
        [this](const Attempt& attempt) { return answer(request_, store(attempt)); });
  }

 private:
  // What makes two forms the same: their fields, the file's name, type and bytes, but not their
  // boundaries. Lengths keep one text from passing for two.
  std::string content() {
    std::string out = file_hash_.finish();
    auto append = [&out](std::string_view text) {
      out.append(std::to_string(text.size())).append(":").append(text);
    };
    append(file_name_.value_or(""));
    append(file_type_);
    for (const auto& [name, value] : parts_) {
      append(name);
      append(value);
    }
    return out;
  }

  // The store refuses what exceeds the limit in its own words.
  static Error as_problem(Error error) {
    if (!error.is("entity_too_large")) return error;
    return {ErrorKind::too_large, "payload_too_large", "The file exceeds the size limit.", {}};
  }

  Result<void> on_part(const PartHeaders& headers) override {
    in_file_ = headers.name == "file";
    if (in_file_) return open_file(headers);
    if (parts_.size() >= kMaxFields)
      return invalid_error("invalid_multipart", "The form has more than 64 fields.");
    parts_.emplace_back(headers.name, "");
    return {};
  }

  Result<void> on_data(std::string_view bytes) override {
    if (in_file_) {
      file_size_ += bytes.size();
      file_hash_.update(bytes);
      return writer_->write(bytes);
    }
    field_bytes_ += bytes.size();
    if (field_bytes_ > kMaxFieldBytes)
      return Error{
          ErrorKind::too_large, "payload_too_large", "The form's fields exceed 64 KiB.", {}};
    parts_.back().second += bytes;
    return {};
  }

  Result<void> on_part_end() override { return {}; }

  Result<void> open_file(const PartHeaders& headers) {
    if (writer_) return invalid_error("invalid_multipart", "The form has more than one file.");
    const auto& services = context_.services;
    id_ = new_id();
    file_name_ = headers.filename;
    file_type_ = headers.content_type;
    PutSpec spec;
    spec.key = incoming_key(id_);
    spec.max_size = services.limits.max_upload_bytes;
    writer_ = TRY(services.objects.put(spec));
    return {};
  }

  // Sorts the form's parts into the fields of a new image. `tags` may repeat, or hold commas.
  NewImageFields read_fields(std::vector<FieldError>& errors) const {
    NewImageFields fields;
    for (const auto& [name, value] : parts_) {
      if (name == "user_id") fields.user_id = value;
      else if (name == "filename") fields.filename = value;
      else if (name == "content_type") fields.content_type = value;
      else if (name == "sha256") fields.sha256 = value;
      else if (name == "description") fields.description = value;
      else if (name == "metadata") fields.metadata_json = value;
      else if (name == "visibility") fields.visibility = value;
      else if (name == "tags") add_tags(fields, value);
      else if (name == "size") check_size(value, errors);
      else
        errors.push_back({shortened_name(name), "unknown_field", "There is no such field here."});
    }
    if (!fields.filename && file_name_) fields.filename = file_name_;
    if (!fields.filename) fields.filename = "";
    if (!fields.content_type && !file_type_.empty()) fields.content_type = file_type_;
    fields.size = static_cast<std::int64_t>(file_size_);
    return fields;
  }

  static void add_tags(NewImageFields& fields, std::string_view list) {
    if (!fields.tags) fields.tags.emplace();
    while (!list.empty()) {
      auto tag = list.substr(0, list.find(','));
      list.remove_prefix(std::min(tag.size() + 1, list.size()));
      fields.tags->emplace_back(tag);
    }
  }

  void check_size(const std::string& value, std::vector<FieldError>& errors) const {
    if (value != std::to_string(file_size_))
      errors.push_back(
          {"size", "size_mismatch", "The file has " + std::to_string(file_size_) + " bytes."});
  }

  ImageId new_id() const {
    return ImageId::generate(context_.services.clock.now(), context_.services.random);
  }

  Result<Response> store(const Attempt& attempt) {
    std::vector<FieldError> errors;
    if (!writer_) errors.push_back({"file", "required", "It is required."});
    auto fields = read_fields(errors);
    NewImage wish = validate_new_image(fields, context_.services.limits, errors);
    if (!errors.empty()) return fields_error(std::move(errors));
    wish.user_id = TRY(acting_user(caller_, fields.user_id));

    TRY(place_bytes(attempt));
    CreateOptions options{UploadMethod::direct, allow_duplicate_, id_, attempt.repeated};
    auto created = create_upload(context_.services, wish, options);
    if (!created.ok()) {
      if (is_unmade(id_)) remove_bytes(id_);
      return std::move(created).error();
    }
    if (created->duplicate) {
      remove_bytes(id_);
      return duplicate(created->image);
    }
    auto image = complete_upload(context_.services, id_, work_deadline(request_));
    if (!image.ok()) {
      // The bytes are there, and the client may not come back for them.
      context_.on_uploaded(id_);
      return std::move(image).error();
    }
    // An earlier try may have ended between the image's last step and this one.
    if (attempt.repeated && image->s3_key != incoming_key(id_)) remove_bytes(id_);
    return finished(*image);
  }

  // Commits the bytes under the image's id. An earlier try with another id has its own there
  // already when it has made the record; else these take its place.
  Result<void> place_bytes(const Attempt& attempt) {
    if (attempt.first_id == id_) return commit();
    const auto made = context_.services.metadata.get(attempt.first_id);
    if (!made.ok() && made.error().kind != ErrorKind::not_found) return made.error();
    const ImageId written = std::exchange(id_, attempt.first_id);
    const bool has_bytes = made.ok() && (made->status != ImageStatus::processing ||
                                         context_.services.objects.head(incoming_key(id_)).ok());
    if (has_bytes) {
      writer_.reset();
      return {};
    }
    TRY(commit());
    auto moved = context_.services.objects.duplicate(incoming_key(written), incoming_key(id_));
    remove_bytes(written);
    return moved;
  }

  Result<void> commit() {
    TRY(writer_->commit());
    return {};
  }

  // The store's answer may be lost after the record was made, which then needs its bytes.
  bool is_unmade(const ImageId& id) const {
    const auto made = context_.services.metadata.get(id);
    return !made.ok() && made.error().kind == ErrorKind::not_found;
  }

  void remove_bytes(const ImageId& id) { (void)context_.services.objects.remove(incoming_key(id)); }

  Response duplicate(const ImageMetadata& image) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    append_created(json, {image, true, {}}, {context_.config.public_url});
    json.end_object();
    return json_response(200, std::move(body));
  }

  Result<Response> finished(const ImageMetadata& image) const {
    if (image.failure)
      return Error{ErrorKind::unprocessable, image.failure->code, image.failure->detail, {}};
    Response response = image_response(201, image, {context_.config.public_url});
    response.set("Location", context_.config.public_url + "/images/" + image.image_id.to_string());
    return response;
  }

  const ApiContext& context_;
  const Caller caller_;
  const Request& request_;
  const bool allow_duplicate_;
  MultipartParser parser_;
  std::vector<std::pair<std::string, std::string>> parts_;
  std::size_t field_bytes_ = 0;
  bool in_file_ = false;
  ImageId id_;
  std::unique_ptr<ObjectWriter> writer_;
  std::uint64_t file_size_ = 0;
  Sha256 file_hash_;
  std::optional<std::string> file_name_;
  std::string file_type_;
};

}  // namespace

SinkOrResponse open_form_upload(const ApiContext& context, const Caller& caller,
                                const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  bool allow_duplicate = params.take_bool("allow_duplicate", errors).value_or(false);
  params.reject_others(errors);
  if (!errors.empty())
    return problem_response(validation_error(std::move(errors)), request.request_id);
  auto boundary = multipart_boundary(request.header("content-type").value_or(""));
  if (!boundary.ok()) return problem_response(boundary.error(), request.request_id);
  return std::make_unique<FormSink>(context, caller, request, allow_duplicate, *boundary);
}

}  // namespace tintype

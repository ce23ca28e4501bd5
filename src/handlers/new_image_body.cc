#include "handlers/new_image_body.h"

#include "domain/validators.h"

namespace tintype {
namespace {

FieldError required(std::string_view field) {
  return {std::string(field), "required", "It is required."};
}

void check_identity(const NewImageFields& fields, const Limits& limits, NewImage& image,
                    std::vector<FieldError>& errors) {
  if (!fields.content_type) {
    errors.push_back(required("content_type"));
  } else if (auto type =
                 check_field("content_type", validate_content_type(*fields.content_type), errors)) {
    image.content_type = *type;
  }
  if (!fields.filename) {
    errors.push_back(required("filename"));
  } else if (auto name = check_field(
                 "filename", sanitize_filename(*fields.filename, image.content_type), errors)) {
    image.filename = *name;
  }
  if (!fields.size) {
    errors.push_back(required("size"));
  } else if (auto size = check_field(
                 "size", validate_file_size(*fields.size, limits.max_upload_bytes), errors)) {
    image.size = *size;
  }
  if (fields.sha256) image.sha256 = check_field("sha256", validate_sha256(*fields.sha256), errors);
}

}  // namespace

NewImageFields read_new_image(JsonObject& body, std::vector<FieldError>& errors) {
  NewImageFields fields;
  fields.user_id = body.string("user_id", errors);
  fields.filename = body.string("filename", errors);
  fields.content_type = body.string("content_type", errors);
  fields.size = body.integer("size", errors);
  fields.sha256 = body.string("sha256", errors);
  fields.tags = body.strings("tags", errors);
  fields.description = body.string("description", errors);
  fields.metadata_json = body.object_text("metadata", errors);
  fields.visibility = body.string("visibility", errors);
  return fields;
}

NewImage validate_new_image(const NewImageFields& fields, const Limits& limits,
                            std::vector<FieldError>& errors) {
  NewImage image;
  // A field that was sent with another type is reported once, not as missing too.
  std::vector<FieldError> found;
  check_identity(fields, limits, image, found);
  if (fields.user_id)
    if (auto user = check_field("user_id", validate_user_id(*fields.user_id), found))
      image.user_id = *user;
  if (fields.tags)
    if (auto tags = check_field("tags", normalize_tags(*fields.tags), found)) image.tags = *tags;
  if (fields.description)
    image.description =
        check_field("description", validate_description(*fields.description), found);
  if (fields.metadata_json)
    if (auto text = check_field("metadata", validate_metadata(*fields.metadata_json), found))
      image.metadata_json = *text;
  if (fields.visibility) {
    auto visibility = parse_visibility(*fields.visibility);
    if (visibility) image.visibility = *visibility;
    else found.push_back({"visibility", "invalid_value", "It must be private or public."});
  }
  for (auto& error : found) {
    bool known = false;
    for (const auto& earlier : errors) known = known || earlier.field == error.field;
    if (!known) errors.push_back(std::move(error));
  }
  return image;
}

Error fields_error(std::vector<FieldError> errors) {
  bool alone = errors.size() == 1;
  Error error = validation_error(std::move(errors));
  if (alone && error.fields[0].code == "file_too_large") {
    error.kind = ErrorKind::too_large;
    error.code = "payload_too_large";
  } else if (alone && error.fields[0].code == "unsupported_content_type") {
    error.kind = ErrorKind::unsupported_media;
    error.code = "unsupported_media_type";
  }
  return error;
}

}  // namespace tintype

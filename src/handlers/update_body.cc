#include "handlers/update_body.h"

#include "domain/validators.h"
#include "handlers/new_image_body.h"

namespace tintype {
namespace {

void read_words(JsonObject& body, UpdateWish& wish, std::vector<FieldError>& errors) {
  bool clear_tags = body.is_null("tags");
  auto tags = body.strings("tags", errors);
  if (tags) wish.tags = check_field("tags", normalize_tags(*tags), errors);
  if (clear_tags) wish.tags.emplace();
  bool clear_description = body.is_null("description");
  auto description = body.string("description", errors);
  if (description)
    if (auto text = check_field("description", validate_description(*description), errors))
      wish.description = std::optional<std::string>(*text);
  if (clear_description) wish.description = std::optional<std::string>();
}

void read_visibility(JsonObject& body, UpdateWish& wish, std::vector<FieldError>& errors) {
  auto text = body.string("visibility", errors);
  if (!text) return;
  wish.visibility = parse_visibility(*text);
  if (!wish.visibility)
    errors.push_back({"visibility", "invalid_value", "It must be private or public."});
}

}  // namespace

Result<UpdateWish> read_update(JsonObject& body, const std::vector<std::string_view>& also_known) {
  UpdateWish wish;
  std::vector<FieldError> errors;
  wish.filename = body.string("filename", errors);
  if (wish.filename) check_field("filename", sanitize_filename(*wish.filename, {}), errors);
  read_words(body, wish, errors);
  bool clear_metadata = body.is_null("metadata");
  wish.metadata_patch = body.object_text("metadata", errors);
  if (clear_metadata) wish.metadata_patch = "null";
  read_visibility(body, wish, errors);
  for (const char* field : {"filename", "visibility"})
    if (body.is_null(field)) errors.push_back({field, "required", "It cannot be removed."});
  for (auto name : also_known) (void)body.string(name, errors);
  body.reject_unknown(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  return wish;
}

Result<ImagePatch> resolve_update(const UpdateWish& wish, const ImageMetadata& current) {
  ImagePatch patch;
  if (wish.filename) patch.filename = TRY(sanitize_filename(*wish.filename, current.content_type));
  patch.tags = wish.tags;
  patch.description = wish.description;
  patch.visibility = wish.visibility;
  if (!wish.metadata_patch) return patch;
  if (*wish.metadata_patch == "null") {
    patch.metadata_json = "{}";
    return patch;
  }
  auto merged = validate_metadata(TRY(merge_patch(current.metadata_json, *wish.metadata_patch)));
  if (!merged.ok())
    return validation_error({{"metadata", merged.error().code, merged.error().detail}});
  patch.metadata_json = std::move(*merged);
  return patch;
}

}  // namespace tintype

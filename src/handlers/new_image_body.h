// The fields of a new image, from JSON or from a form, checked all at once.
#pragma once

#include <string>
#include <vector>

#include "domain/limits.h"
#include "handlers/json_body.h"
#include "services/create_upload.h"

namespace tintype {

// The raw fields, before validation. Nothing means that the client did not send the field.
struct NewImageFields {
  std::optional<std::string> user_id;
  std::optional<std::string> filename;
  std::optional<std::string> content_type;
  std::optional<std::int64_t> size;
  std::optional<std::string> sha256;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> description;
  std::optional<std::string> metadata_json;
  std::optional<std::string> visibility;
};

// Reads the fields from a JSON body; ill-typed ones go to `errors`. Unknown fields are not looked
// for, because callers have further fields of their own.
NewImageFields read_new_image(JsonObject& body, std::vector<FieldError>& errors);

// Validates; every bad field goes to `errors`, and the result then means nothing.
NewImage validate_new_image(const NewImageFields& fields, const Limits& limits,
                            std::vector<FieldError>& errors);

// The error for a list of bad fields: `payload_too_large` or `unsupported_media_type` when that is
// all that is wrong, else `validation_failed`.
Error fields_error(std::vector<FieldError> errors);

// Runs a validator: its value, or nothing and an entry in `errors` for the field.
template <typename T>
std::optional<T> check_field(std::string_view field, Result<T> result,
                             std::vector<FieldError>& errors) {
  if (result.ok()) return std::move(*result);
  errors.push_back({std::string(field), result.error().code, result.error().detail});
  return std::nullopt;
}

}  // namespace tintype

// The merge patch (RFC 7396) of an image, from JSON to a validated ImagePatch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "handlers/json_body.h"
#include "services/update_image.h"

namespace tintype {

// The fields as far as they can be checked without the image.
struct UpdateWish {
  std::optional<std::string> filename;           // raw: its fallback depends on the type
  std::optional<std::vector<std::string>> tags;  // normalised; null in JSON means none
  std::optional<std::optional<std::string>> description;
  std::optional<std::string> metadata_patch;  // a JSON object to merge; `null` resets
  std::optional<Visibility> visibility;
};

// Reads and checks. `also_known` are fields that the caller reads itself. Errors:
// `validation_failed` naming every bad field.
Result<UpdateWish> read_update(JsonObject& body, const std::vector<std::string_view>& also_known);

// Completes the patch against the image as it is now. Errors: `validation_failed`, when the merged
// metadata exceeds its limits.
Result<ImagePatch> resolve_update(const UpdateWish& wish, const ImageMetadata& current);

}  // namespace tintype

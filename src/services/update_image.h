// Update image: changes what its owner says about it.
#pragma once

#include <string>
#include <vector>

#include "services/service_context.h"

namespace tintype {

// A merge patch (RFC 7396) after validation: members that are not set stay as they are.
struct ImagePatch {
  std::optional<std::string> filename;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::optional<std::string>> description;  // inner nothing: remove it
  std::optional<std::string> metadata_json;               // the merged object
  std::optional<Visibility> visibility;
};

// Errors: `not_found`, `gone`, `stale` when `if_revision` is another. A patch that changes nothing
// returns the image with its revision.
Result<ImageMetadata> update_image(
    const ServiceContext& context, const ImageId& id, std::optional<std::int64_t> if_revision,
    const std::function<Result<ImagePatch>(const ImageMetadata&)>& patch);

}  // namespace tintype

// The image that a request's path names.
#pragma once

#include "domain/image_id.h"
#include "handlers/http.h"

namespace tintype {

// The first path parameter as an image id. A text that is no id names no image: `not_found`.
inline Result<ImageId> path_image_id(const Request& request) {
  auto id = ImageId::parse(request.path_parameters.front());
  if (!id.ok()) return not_found_error("There is no such image.");
  return id;
}

}  // namespace tintype

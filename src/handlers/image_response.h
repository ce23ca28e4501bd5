// The answer that is one image.
#pragma once

#include "handlers/image_json.h"
#include "handlers/response.h"

namespace tintype {

inline Response image_response(int status, const ImageMetadata& image, const ImageView& view) {
  std::string body;
  body.reserve(kTypicalImageBytes);
  append_image(body, image, view);
  Response response = json_response(status, std::move(body));
  response.set("ETag", revision_etag(image));
  return response;
}

}  // namespace tintype

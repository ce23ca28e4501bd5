// Find images: one page of a list, and the image that a list of similar ones refers to.
#pragma once

#include <memory>
#include <vector>

#include "services/service_context.h"

namespace tintype {

struct ImageList {
  std::vector<std::shared_ptr<const ImageMetadata>> images;
  std::optional<ListPosition> next;  // nothing on the last page
};

// `query.after` is set from an already verified cursor. Pages that the store returns short are
// filled up, within a bound, so that a page is short only at the end or after much reading.
Result<ImageList> find_images(const ServiceContext& context, ImageQuery query);

// What `ImageQuery::similar_to` needs to know of an image. With `only_user`, images of others are
// `not_found`. Errors: those of find_active_image.
Result<SimilarTo> similar_to(const ServiceContext& context, const ImageId& id,
                             const std::optional<std::string>& only_user);

}  // namespace tintype

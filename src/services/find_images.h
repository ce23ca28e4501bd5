// Find images: one page of a list.
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

}  // namespace tintype

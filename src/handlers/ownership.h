// Whose image a request is about. To a caller who may not act for its owner an image is not there
// (404, not 403), whatever its state; only the pictures of a public one are for everybody, which
// rendition_handler.cc decides.
#pragma once

#include "handlers/api_context.h"
#include "handlers/caller.h"
#include "services/image_access.h"

namespace tintype {

inline bool may_act_for_owner(const Caller& caller, const ImageMetadata& image) {
  return caller.may_act_for_all || (!caller.user_id.empty() && caller.user_id == image.user_id);
}

// The record, in whatever state it is. Errors: `not_found`, also for somebody else's.
inline Result<ImageMetadata> find_own_image(const ApiContext& context, const Caller& caller,
                                            const ImageId& id) {
  auto image = TRY(find_image(context.services, id));
  if (!may_act_for_owner(caller, image)) return not_found_error("There is no such image.");
  return image;
}

// Before a change. An image's owner never changes, so the answer stays true. Reads nothing for
// those who may act for everybody.
inline Result<void> check_owner(const ApiContext& context, const Caller& caller,
                                const ImageId& id) {
  if (caller.may_act_for_all) return {};
  TRY(find_own_image(context, caller, id));
  return {};
}

}  // namespace tintype

// Complete upload: the uploaded bytes are checked and the image becomes `active`, or `failed`.
//
// Called by the client, by the object store's notification and by the janitor, any number of times,
// at once and in any order: the lease on the record lets one of them work and the others wait for
// its result. May be killed at any step; a later call finishes the work.
#pragma once

#include "services/service_context.h"

namespace tintype {

// The image, `active` or `failed`. Errors: `not_found`, `gone`; `conflict` with code
// `upload_missing` when the bytes are not there yet; `timeout` when another completer holds the
// lease beyond the deadline; the stores' and the engine's own, after which a later call may
// succeed.
Result<ImageMetadata> complete_upload(const ServiceContext& context, const ImageId& id,
                                      Deadline deadline);

// Ends a processing image as `failed` with the code and removes its bytes. Does nothing to an image
// in another status.
Result<ImageMetadata> fail_upload(const ServiceContext& context, const ImageId& id,
                                  const Failure& failure);

}  // namespace tintype

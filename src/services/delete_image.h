// Delete image: into the trash, out of it, and for good.
#pragma once

#include "services/service_context.h"

namespace tintype {

// Into the trash; again → the same image. Its renditions go: they are made again when it is
// restored. Errors: `not_found`, `stale`.
Result<ImageMetadata> delete_image(const ServiceContext& context, const ImageId& id,
                                   std::optional<std::int64_t> if_revision);

// Out of the trash, back to what it was. Errors: `not_found` (also when its time in the trash is
// over); `conflict` with code `not_deleted`.
Result<ImageMetadata> restore_image(const ServiceContext& context, const ImageId& id);

// For good: the record turns `purging`, the objects go, then the record. A crash in between is
// finished by the janitor. Errors: `not_found`, `stale`, the stores' own (the image is then gone
// for clients, and the janitor goes on).
Result<void> purge_image(const ServiceContext& context, const ImageId& id,
                         std::optional<std::int64_t> if_revision);

// The second half of purge_image, for a record that is `purging` already.
Result<void> finish_purge(const ServiceContext& context, const ImageMetadata& image);

}  // namespace tintype

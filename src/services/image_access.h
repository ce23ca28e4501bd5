// The steps that several use cases share: reading a record as a client may see it, and changing one
// under optimistic concurrency.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "services/service_context.h"

namespace tintype {

// The record, unless it is being purged (`not_found`).
Result<ImageMetadata> find_image(const ServiceContext& context, const ImageId& id);

// The record, unless it is in the trash (`gone`, code `image_deleted`) or purged (`not_found`).
Result<ImageMetadata> find_present_image(const ServiceContext& context, const ImageId& id);

// Whether a record is there for clients: `gone` in the trash, `not_found` while it is purged.
Result<void> check_present(const ImageMetadata& image);

// Whether an image's bytes can be had: `gone` in the trash, `conflict` with code `not_ready` while
// it is processing or when it failed.
Result<void> check_active(const ImageMetadata& image);

// The record of an image whose bytes can be had. Errors: `not_found`, and those of check_active.
Result<ImageMetadata> find_active_image(const ServiceContext& context, const ImageId& id);

// Reads the record, lets `change` alter it, and writes it back; starts again when someone else was
// faster. With `if_revision`, another revision is `stale` instead. `change` returns an error to
// give up, or false when the record is already as wanted (it is then returned unchanged).
using ImageChange = std::function<Result<bool>(ImageMetadata&)>;
Result<ImageMetadata> change_image(const ServiceContext& context, const ImageId& id,
                                   std::optional<std::int64_t> if_revision,
                                   const ImageChange& change);

}  // namespace tintype

// The ladder: the named renditions that are made from an upload's one decode and stored before the
// image becomes active.
#pragma once

#include <vector>

#include "services/service_context.h"
#include "services/verify_upload.h"

namespace tintype {

// What a rendition is made from beside its spec, for rendition_key: the engine's settings and the
// original's content. With the content in its name, a picture that was stored by a completion that
// came to nothing is never taken for one of the bytes that were uploaded after it.
std::string rendition_origin(const RenditionPolicy& policy, std::string_view sha256_hex);

// What to ask the engine for when it examines an upload; nothing when renditions are not stored.
std::vector<RenditionSpec> ladder_specs(const ServiceContext& context);

// Stores the pictures that the engine made of ladder_specs, where render_image looks for them, and
// says what there is. To be repeated without harm. Errors: the store's.
Result<std::vector<Variant>> store_ladder(const ServiceContext& context, const ImageId& id,
                                          VerifiedUpload& verified);

// Removes every stored rendition of an image. What fails is left to the janitor: the image's status
// keeps them from being served.
void remove_renditions(const ServiceContext& context, const ImageId& id);

}  // namespace tintype

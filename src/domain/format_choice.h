// format=auto: which format a client gets.
#pragma once

#include <string_view>

#include "domain/image_metadata.h"
#include "domain/media_type.h"
#include "domain/rendition_spec.h"

namespace tintype {

// What an Accept header (RFC 9110 §12.5.1) says of the formats that not every client can show. Only
// explicit media types count: `*/*` and `image/*` are sent by clients that know neither.
struct AcceptedFormats {
  bool avif = false;
  bool webp = false;
};
AcceptedFormats accepted_formats(std::string_view accept);

// The format to answer with at once; `spec.format` wins where it is set. AVIF is not chosen here:
// whether it is stored or quick enough is the caller's question. A picture with transparency that
// no background fills is WebP or PNG, an animation WebP or GIF, others WebP or JPEG.
MediaType choose_format(const RenditionSpec& spec, const ImageFacts& facts,
                        const AcceptedFormats& accepted);

// True when AVIF would be the better answer: accepted, chosen freely, and not an animation.
bool prefers_avif(const RenditionSpec& spec, const ImageFacts& facts,
                  const AcceptedFormats& accepted);

}  // namespace tintype

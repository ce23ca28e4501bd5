// Signed rendition URLs: who has one gets the picture without further credentials, until it expires
// or the image is deleted.
//
//   /images/{image_id}/rendition?PARAMS&disposition=D&expires=SECONDS&signature=S
//
// The signature is an HMAC-SHA-256 over the image, the canonical parameters, the disposition and
// the expiry, under a key derived from the deployment's secret. `v` may be added or changed.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "domain/image_id.h"
#include "domain/rendition_spec.h"

namespace tintype {

struct RenditionLink {
  ImageId image_id;
  RenditionSpec spec;
  bool attachment = false;   // browsers save the picture instead of showing it
  std::int64_t expires = 0;  // seconds since 1970, UTC; the link is dead from then on
};

// The path and query, to be put behind the public URL.
std::string sign_rendition_link(const RenditionLink& link, std::string_view secret);

// Errors: `forbidden`, with code `signature_expired` when everything else is right.
Result<void> verify_rendition_link(const RenditionLink& link, std::string_view signature,
                                   std::string_view secret, Timestamp now);

}  // namespace tintype

#include "handlers/rendition_link.h"

#include "base/encoding.h"
#include "base/hash.h"

namespace tintype {
namespace {

// Keeps these signatures apart from all others made with the same secret.
constexpr std::string_view kPurpose = "tintype rendition link 1";

std::string path_of(const RenditionLink& link) {
  return "/images/" + link.image_id.to_string() + "/rendition";
}

std::string signature_of(const RenditionLink& link, std::string_view secret) {
  std::string text(kPurpose);
  text.append("\n").append(path_of(link));
  text.append("\n").append(rendition_params(link.spec));
  text.append("\n").append(link.attachment ? "attachment" : "inline");
  text.append("\n").append(std::to_string(link.expires));
  return base64url_encode(hmac_sha256(hmac_sha256(secret, kPurpose), text));
}

}  // namespace

std::string sign_rendition_link(const RenditionLink& link, std::string_view secret) {
  std::string url = path_of(link) + "?";
  if (auto params = rendition_params(link.spec); !params.empty()) url += params + "&";
  if (link.attachment) url += "disposition=attachment&";
  return url + "expires=" + std::to_string(link.expires) +
         "&signature=" + signature_of(link, secret);
}

Result<void> verify_rendition_link(const RenditionLink& link, std::string_view signature,
                                   std::string_view secret, Timestamp now) {
  if (!constant_time_equal(signature, signature_of(link, secret)))
    return Error{ErrorKind::forbidden, "forbidden", "The signature does not fit the request.", {}};
  if (std::chrono::floor<seconds>(now).time_since_epoch().count() >= link.expires)
    return Error{ErrorKind::forbidden, "signature_expired", "The link has expired.", {}};
  return {};
}

}  // namespace tintype

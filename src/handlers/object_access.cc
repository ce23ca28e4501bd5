#include "handlers/object_access.h"

#include "domain/image_metadata.h"
#include "ports/local_presigner.h"

namespace tintype {
namespace {

// The path of a URL, without a trailing slash: empty for `http://host:port`.
std::string url_path(std::string_view url) {
  auto scheme = url.find("://");
  auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  return std::string(url.substr(std::min(url.find('/', host), url.size())));
}

Error denied(std::string detail) {
  return {ErrorKind::forbidden, "AccessDenied", std::move(detail), {}};
}

}  // namespace

sigv4::SecretLookup object_key_lookup(const ApiContext& context) {
  return [&context](std::string_view id) -> std::optional<sigv4::Credentials> {
    const auto& known = context.config.object_credentials;
    if (!known || known->access_key_id != id) return std::nullopt;
    return known;
  };
}

Result<sigv4::VerifiedUrl> verify_object_request(const ApiContext& context, const Request& request,
                                                 std::string_view method) {
  if (request.path_parameters.front() != context.services.objects.bucket())
    return Error{ErrorKind::not_found, "NoSuchBucket", "The specified bucket does not exist.", {}};
  // Behind a proxy that serves us below a path, that path was signed too.
  std::string path = url_path(context.config.public_url) + std::string(request.raw_path);
  sigv4::SignedRequest signed_request{method, path, request.raw_query, request.headers};
  return sigv4::verify_presigned(signed_request, kLocalRegion, "s3", context.services.clock.now(),
                                 object_key_lookup(context));
}

Result<ImageId> awaited_upload(const ApiContext& context, std::string_view key) {
  constexpr std::string_view kPrefix = "incoming/";
  if (!key.starts_with(kPrefix)) return denied("Only uploads may be written.");
  auto id = ImageId::parse(key.substr(kPrefix.size()));
  if (!id.ok()) return denied("Only uploads may be written.");
  auto image = context.services.metadata.get(*id);
  if (!image.ok() && !image.error().is(ErrorKind::not_found)) return std::move(image).error();
  if (!image.ok() || image->status != ImageStatus::processing)
    return denied("The upload that this URL was made for is over.");
  return *id;
}

Result<void> upload_arrived(const ApiContext& context, const std::string& key) {
  auto id = awaited_upload(context, key);
  if (id.ok()) {
    context.on_uploaded(*id);
    return {};
  }
  // Without an answer from the store the bytes stay; the janitor finds out whose they are.
  if (id.error().is(ErrorKind::forbidden)) (void)context.services.objects.remove(key);
  return std::move(id).error();
}

void resume_upload(const ApiContext& context, const ImageMetadata& image) {
  if (image.status != ImageStatus::processing) return;
  if (context.services.objects.head(incoming_key(image.image_id)).ok())
    context.on_uploaded(image.image_id);
}

}  // namespace tintype

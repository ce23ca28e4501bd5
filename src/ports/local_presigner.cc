#include "ports/local_presigner.h"

#include "base/encoding.h"
#include "ports/object_rules.h"
#include "signing/post_policy.h"
#include "signing/presign.h"

namespace tintype {

sigv4::NameValues headers_to_send(const PresignPut& request) {
  sigv4::NameValues headers{{"content-type", request.content_type}};
  if (request.sha256) headers.emplace_back("x-amz-checksum-sha256", base64_encode(*request.sha256));
  return headers;
}

sigv4::NameValues headers_to_sign(const PresignPut& request) {
  sigv4::NameValues headers = headers_to_send(request);
  headers.emplace_back("content-length", std::to_string(request.size));
  return headers;
}

sigv4::NameValues query_to_sign(const PresignGet& request) {
  sigv4::NameValues query;
  if (!request.content_type.empty()) {
    query.emplace_back("response-content-type", request.content_type);
  }
  if (!request.content_disposition.empty()) {
    query.emplace_back("response-content-disposition", request.content_disposition);
  }
  return query;
}

LocalPresigner::LocalPresigner(LocalPresignerOptions options) : options_(std::move(options)) {
  std::string_view url = options_.public_url;
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t scheme_end = url.find("://");
  const std::size_t host = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  scheme_and_host_ = url.substr(0, path);
  bucket_path_ = std::string(url.substr(path)) + "/objects/" + options_.bucket;
}

std::string LocalPresigner::path_of(std::string_view key) const {
  return bucket_path_ + "/" + std::string(key);
}

Result<PresignedUrl> LocalPresigner::put(const PresignPut& request) const {
  TRY(check_object_key(request.key));
  const sigv4::PresignRequest signing{.method = "PUT",
                                      .scheme_and_host = scheme_and_host_,
                                      .path = path_of(request.key),
                                      .query = {},
                                      .headers = headers_to_sign(request),
                                      .region = std::string(kLocalRegion),
                                      .now = request.now,
                                      .expires_in = request.expires_in};
  return PresignedUrl{TRY(sigv4::presign_url(options_.credentials, signing)),
                      headers_to_send(request), request.now + request.expires_in};
}

Result<PresignedUrl> LocalPresigner::get(const PresignGet& request) const {
  TRY(check_object_key(request.key));
  const sigv4::PresignRequest signing{.method = "GET",
                                      .scheme_and_host = scheme_and_host_,
                                      .path = path_of(request.key),
                                      .query = query_to_sign(request),
                                      .headers = {},
                                      .region = std::string(kLocalRegion),
                                      .now = request.now,
                                      .expires_in = request.expires_in};
  return PresignedUrl{
      TRY(sigv4::presign_url(options_.credentials, signing)), {}, request.now + request.expires_in};
}

Result<PresignedPost> LocalPresigner::post(const PresignPost& request) const {
  TRY(check_object_key(request.key));
  const sigv4::PostPolicyRequest policy{.bucket = options_.bucket,
                                        .key = request.key,
                                        .content_type = request.content_type,
                                        .min_size = request.min_size,
                                        .max_size = request.max_size,
                                        .exact_fields = {},
                                        .region = std::string(kLocalRegion),
                                        .now = request.now,
                                        .expires_in = request.expires_in};
  auto fields = TRY(sigv4::make_post_policy(options_.credentials, policy));
  return PresignedPost{scheme_and_host_ + bucket_path_, std::move(fields),
                       request.now + request.expires_in};
}

}  // namespace tintype

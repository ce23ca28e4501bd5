#include "adapters/aws/s3_presigner.h"

#include "ports/local_presigner.h"
#include "ports/object_rules.h"
#include "signing/post_policy.h"
#include "signing/presign.h"

namespace tintype {
namespace {

constexpr seconds kWaitForCredentials{10};

}  // namespace

Result<S3Presigner::Signer> S3Presigner::signer(Timestamp now, seconds wanted) const {
  auto& provider = client_.aws().credentials();
  for (bool renewed = false;; renewed = true) {
    auto credentials = TRY(provider.get(deadline_in(kWaitForCredentials)));
    // A lifetime that is too long stays, to be refused.
    if (!credentials.expires_at || wanted > sigv4::kMaxPresignLifetime)
      return Signer{std::move(credentials.keys), wanted};
    const auto left = std::chrono::floor<seconds>(*credentials.expires_at - now);
    if (left >= seconds(1)) return Signer{std::move(credentials.keys), std::min(wanted, left)};
    if (renewed) return unavailable_error("The keys to sign with have expired.");
    provider.forget();
  }
}

Result<PresignedUrl> S3Presigner::put(const PresignPut& request) const {
  TRY(check_object_key(request.key));
  const auto signer = TRY(this->signer(request.now, request.expires_in));
  const S3Location& at = client_.location();
  const sigv4::PresignRequest signing{.method = "PUT",
                                      .scheme_and_host = at.for_client.scheme_and_host,
                                      .path = at.for_client.object_path(request.key),
                                      .query = {},
                                      .headers = headers_to_sign(request),
                                      .region = at.region,
                                      .now = request.now + client_.aws().skew(),
                                      .expires_in = signer.lifetime};
  auto url = TRY(sigv4::presign_url(signer.keys, signing));
  return PresignedUrl{std::move(url), headers_to_send(request), request.now + signer.lifetime};
}

Result<PresignedUrl> S3Presigner::get(const PresignGet& request) const {
  TRY(check_object_key(request.key));
  const auto signer = TRY(this->signer(request.now, request.expires_in));
  const S3Location& at = client_.location();
  const sigv4::PresignRequest signing{.method = "GET",
                                      .scheme_and_host = at.for_client.scheme_and_host,
                                      .path = at.for_client.object_path(request.key),
                                      .query = query_to_sign(request),
                                      .headers = {},
                                      .region = at.region,
                                      .now = request.now + client_.aws().skew(),
                                      .expires_in = signer.lifetime};
  auto url = TRY(sigv4::presign_url(signer.keys, signing));
  return PresignedUrl{std::move(url), {}, request.now + signer.lifetime};
}

Result<PresignedPost> S3Presigner::post(const PresignPost& request) const {
  TRY(check_object_key(request.key));
  const auto signer = TRY(this->signer(request.now, request.expires_in));
  const S3Location& at = client_.location();
  const sigv4::PostPolicyRequest policy{.bucket = at.bucket,
                                        .key = request.key,
                                        .content_type = request.content_type,
                                        .min_size = request.min_size,
                                        .max_size = request.max_size,
                                        .exact_fields = {},
                                        .region = at.region,
                                        .now = request.now + client_.aws().skew(),
                                        .expires_in = signer.lifetime};
  auto fields = TRY(sigv4::make_post_policy(signer.keys, policy));
  return PresignedPost{at.for_client.scheme_and_host + at.for_client.bucket_path(),
                       std::move(fields), request.now + signer.lifetime};
}

}  // namespace tintype

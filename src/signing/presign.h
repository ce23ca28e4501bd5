// Presigned URLs: Signature Version 4 in the query string, made and verified.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "signing/sigv4.h"

namespace tintype::sigv4 {

inline constexpr seconds kMaxPresignLifetime{604800};

struct PresignRequest {
  std::string method;
  std::string scheme_and_host;  // `https://bucket.s3.eu-central-1.amazonaws.com`, no path
  std::string path;             // decoded, starts with `/`
  NameValues query;             // further parameters to sign, e.g. response-content-type
  NameValues headers;           // to sign beside host, e.g. content-type, content-length
  std::string region;
  std::string service = "s3";
  Timestamp now;
  seconds expires_in{900};
};

// The URL. The payload is UNSIGNED-PAYLOAD. Errors: `invalid` for a lifetime outside 1 s to 7 days.
Result<std::string> presign_url(const Credentials& credentials, const PresignRequest& request);

// A request that arrived at a presigned URL, as the server saw it.
struct SignedRequest {
  std::string_view method;
  std::string_view raw_path;   // as sent, percent-encoded
  std::string_view raw_query;  // as sent, without `?`
  // Every header of the request, any case.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

// What the verified URL allows.
struct VerifiedUrl {
  std::string path;           // decoded
  NameValues query;           // decoded, without the X-Amz- parameters of the signature
  std::vector<std::string> signed_headers;  // lower-case
  Timestamp signed_at;
  Timestamp expires_at;
};

// Looks up the secret of an access key id; nothing for an unknown one.
using SecretLookup = std::function<std::optional<Credentials>(std::string_view access_key_id)>;

// Checks a presigned request: algorithm, credential scope (region and service), dates, expiry, that
// host and every signed header are there, and the signature, in constant time. Errors, all of kind
// `forbidden` unless said otherwise, with S3's error codes as `code`:
// `AccessDenied` (no signature; expired: detail "Request has expired"; not yet valid),
// `InvalidAccessKeyId`, `SignatureDoesNotMatch`, and of kind `invalid`
// `AuthorizationQueryParametersError` (malformed or missing X-Amz- parameters).
Result<VerifiedUrl> verify_presigned(const SignedRequest& request, std::string_view region,
                                     std::string_view service, Timestamp now,
                                     const SecretLookup& lookup);

}  // namespace tintype::sigv4

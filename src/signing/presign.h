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

// The URL. The payload is UNSIGNED-PAYLOAD. The host is written as every client will send it:
// lower-case and without the scheme's own port. Errors: `invalid` for a lifetime outside 1 s to 7
// days (`invalid_lifetime`), a relative path, or an endpoint that is not `http(s)://host[:port]`.
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
  std::string path;  // decoded
  NameValues query;  // decoded, in order, without the X-Amz- parameters of the signature
  std::vector<std::string> signed_headers;  // lower-case
  Timestamp signed_at;
  Timestamp expires_at;
};

// Looks up the secret of an access key id; nothing for an unknown one.
using SecretLookup = std::function<std::optional<Credentials>(std::string_view access_key_id)>;

// Checks a presigned request: algorithm, credential scope (region and service), dates, expiry (the
// URL is valid before `expires_at`), that host and every signed header are there, that every header
// `x-amz-*` is signed, and the signature, in constant time. The method is signed: a URL for GET
// does not verify for HEAD. Further headers are ignored. In the query `+` means a space, as for S3.
// Whether the headers that matter to the caller (content-length, ...) were signed is the caller's
// question: see `signed_headers`. Malformed input of any kind is an error, never undefined.
// Errors, with S3's error codes as `code`. Of kind `forbidden`: `AccessDenied` (no signature;
// expired: detail "Request has expired"; not yet valid; an `x-amz-*` header that is not signed),
// `InvalidAccessKeyId`, `SignatureDoesNotMatch` (also when a signed header is missing). Of kind
// `invalid`: `AuthorizationQueryParametersError` (malformed, missing or repeated X-Amz-
// parameters), `InvalidURI` (bad percent-encoding), `InvalidToken` (another session token than the
// key's), `InvalidArgument` (an Authorization header beside the signed query).
Result<VerifiedUrl> verify_presigned(const SignedRequest& request, std::string_view region,
                                     std::string_view service, Timestamp now,
                                     const SecretLookup& lookup);

}  // namespace tintype::sigv4

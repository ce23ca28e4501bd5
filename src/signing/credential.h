// What URL and form verification have in common: the credential text, and the key behind it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "signing/presign.h"

namespace tintype::sigv4 {

// What a verifier demands of a credential's scope.
struct ExpectedScope {
  std::string_view region;
  std::string_view service;
  std::string_view amz_date;    // the request's own date; its day must be the scope's
  std::string_view error_code;  // of the `invalid` errors about the text
};

// Splits `AKID/20130524/us-east-1/s3/aws4_request`, checks the scope and returns the access key id.
Result<std::string_view> parse_credential(std::string_view text, const ExpectedScope& expected);

// `20130524T000000Z`, exactly. Errors: `invalid` with the given code.
Result<Timestamp> parse_signature_date(std::string_view text, std::string_view error_code);

// Looks the key up and compares its session token with the one that was sent (empty: none). Errors:
// `InvalidAccessKeyId` (forbidden), `InvalidToken` (invalid).
Result<Credentials> find_credentials(std::string_view access_key_id, std::string_view session_token,
                                     const SecretLookup& lookup);

// The error for a signature that is not the one computed.
Error signature_mismatch();
// Errors of kind `forbidden`.
Error access_denied(std::string detail);

}  // namespace tintype::sigv4

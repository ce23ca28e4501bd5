// S3 POST policies: the signed form with which a browser uploads a file directly.
//
// Source: "Creating an HTML form (using AWS Signature Version 4)" and "POST policy" of the Amazon
// S3 API reference. The signature is the hex HMAC of the base64 text of the policy. Every form
// field needs a condition except policy, x-amz-signature, file and x-ignore-*.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "signing/presign.h"

namespace tintype::sigv4 {

struct PostPolicyRequest {
  std::string bucket;
  std::string key;
  std::string content_type;
  std::uint64_t min_size = 1;
  std::uint64_t max_size = 0;
  NameValues exact_fields;  // further fields with an `eq` condition
  std::string region;
  Timestamp now;
  seconds expires_in{900};
};

// The form fields to send, in order: key, content-type, the further fields, x-amz-algorithm,
// x-amz-credential, x-amz-date, (x-amz-security-token,) policy, x-amz-signature. Errors: `invalid`
// for a lifetime outside 1 s to 7 days, reversed sizes, or text that is not UTF-8.
Result<NameValues> make_post_policy(const Credentials& credentials,
                                    const PostPolicyRequest& request);

// What a verified form allows. The bounds on the size of its file are both included; a policy
// without content-length-range allows 0 to 5 GiB, as S3 does.
struct VerifiedPost {
  std::string key;
  std::string content_type;
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;
};

// Checks the fields of a form (all that precede `file`) against its policy: signature in constant
// time, expiration, every condition (exact match, `eq`, `starts-with`, `content-length-range`),
// that no field lacks a condition, and that the policy names this bucket. Names of fields have no
// case. A field that a condition names must be there, even when the condition allows any value. A
// key with
// `${filename}` is not expanded: the caller expands it before, or takes it as it is.
// Errors with S3's codes: `AccessDenied` (forbidden: no signature, expired, condition failed, extra
// field), `SignatureDoesNotMatch`, `InvalidAccessKeyId` (forbidden), `InvalidPolicyDocument`,
// `MalformedPOSTRequest` (fields missing, repeated or malformed) and `InvalidToken` (invalid).
Result<VerifiedPost> verify_post_policy(const NameValues& fields, std::string_view bucket,
                                        std::string_view region, Timestamp now,
                                        const SecretLookup& lookup);

// Computes the hex signature of a base64 policy; exposed for the published example.
std::string post_policy_signature(const Credentials& credentials, const Scope& scope,
                                  std::string_view policy_base64);

}  // namespace tintype::sigv4

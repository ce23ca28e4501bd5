// S3 POST policies: the signed form with which a browser uploads a file directly.
//
// Source: "Creating an HTML form (using AWS Signature Version 4)" and "POST policy" of the Amazon
// S3 API reference. The signature is the hex HMAC of the base64 text of the policy. Every form
// field needs a condition except policy, x-amz-signature, file and x-ignore-*.
#pragma once

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
// x-amz-credential, x-amz-date, (x-amz-security-token,) policy, x-amz-signature.
Result<NameValues> make_post_policy(const Credentials& credentials,
                                    const PostPolicyRequest& request);

// The size bounds that a verified form allows for its file, both included.
struct VerifiedPost {
  std::string key;
  std::string content_type;
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;
};

// Checks the fields of a form (all that precede `file`) against its policy: signature in constant
// time, expiration, every condition (exact match, `eq`, `starts-with`, `content-length-range`),
// that no field lacks a condition, and that the policy names this bucket. Errors with S3's codes:
// `AccessDenied` (forbidden: expired, condition failed, extra field), `SignatureDoesNotMatch`,
// `InvalidAccessKeyId` (forbidden), `InvalidPolicyDocument`, `MalformedPOSTRequest` (invalid).
Result<VerifiedPost> verify_post_policy(const NameValues& fields, std::string_view bucket,
                                        std::string_view region, Timestamp now,
                                        const SecretLookup& lookup);

// Computes the hex signature of a base64 policy; exposed for the published example.
std::string post_policy_signature(const Credentials& credentials, const Scope& scope,
                                  std::string_view policy_base64);

}  // namespace tintype::sigv4

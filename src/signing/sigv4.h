// AWS Signature Version 4 as pure functions: canonical request, string to sign, signing key,
// signature. Used by the AWS adapters to sign, and by the embedded object URLs to sign and verify.
//
// Source: "Signature Version 4 signing process" and "Authenticating Requests (AWS Signature Version
// 4)" of the Amazon S3 API reference. S3 encodes the path once and does not normalise it; every
// other service encodes it twice and normalises it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tintype::sigv4 {

using NameValues = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty for long-lived keys
};

// Where a signature is valid: the day, the region and the service.
struct Scope {
  Timestamp time;
  std::string region;
  std::string service;  // `s3`, `dynamodb`, ...
  // `20130524/us-east-1/s3/aws4_request`
  std::string to_string() const;
};

// What is signed. Names and values are plain (not percent-encoded); header names in any case.
struct CanonicalInput {
  std::string method;  // `GET`, ...
  std::string path;    // decoded, starts with `/`
  NameValues query;    // decoded, without X-Amz-Signature, any order
  NameValues
      headers;  // those to sign, any order; values are trimmed and their runs of spaces folded
  std::string payload_hash;  // hex SHA-256 of the body, or kUnsignedPayload
};

// `encode_path_twice` is true for every service but S3.
std::string canonical_request(const CanonicalInput& input, bool encode_path_twice);
// The sorted query string with every name and value encoded once; `k` alone becomes `k=`.
std::string canonical_query(const NameValues& query);
// Lower-cased, sorted, joined with `;`.
std::string signed_header_names(const NameValues& headers);
std::string string_to_sign(const Scope& scope, std::string_view canonical_request);
// The key is derived with four HMACs; it is cached per thread for the last secret, day, region and
// service.
std::string signature(const Credentials& credentials, const Scope& scope,
                      std::string_view string_to_sign);

// Signs with headers: returns the headers to add to the request (x-amz-date, authorization, and
// x-amz-security-token; for S3 also x-amz-content-sha256). `host` must be among `input.headers`,
// and those that it adds must not.
NameValues sign_headers(const Credentials& credentials, const Scope& scope,
                        const CanonicalInput& input);

}  // namespace tintype::sigv4

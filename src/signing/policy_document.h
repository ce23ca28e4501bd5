// The JSON document that a POST policy signs: an expiration, conditions on form fields, and bounds
// on the size of the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace tintype::sigv4 {

// One condition on one form field. Fields have lower-case names without `$`.
struct PolicyCondition {
  enum class Match : std::uint8_t { exact, prefix };
  Match match = Match::exact;
  std::string field;
  std::string value;

  // A prefix condition on content-type holds for each item of a comma-separated list, as in S3.
  bool holds(std::string_view text) const;
  // As policies write it: `["eq","$key","a.jpg"]`. For messages.
  std::string to_string() const;
};

struct PolicyDocument {
  Timestamp expiration;
  std::vector<PolicyCondition> conditions;
  // Both included. Without a content-length-range the bounds are those of S3: 5 GiB.
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 5ULL << 30;
};

// Strict: unknown members and operators, conditions of another shape, negative or reversed size
// bounds are refused. Several size ranges narrow each other. Errors: `invalid` with code
// `InvalidPolicyDocument`.
Result<PolicyDocument> parse_policy_document(std::string_view json);
// The inverse. Every string must be valid UTF-8.
std::string format_policy_document(const PolicyDocument& document);

}  // namespace tintype::sigv4

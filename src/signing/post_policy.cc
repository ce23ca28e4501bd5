#include "signing/post_policy.h"

#include <algorithm>

#include "base/encoding.h"
#include "signing/policy_document.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

Result<void> check(const PostPolicyRequest& request) {
  if (request.expires_in < seconds(1) || request.expires_in > kMaxPresignLifetime)
    return invalid_error("invalid_lifetime", "A POST policy lives between 1 and 604800 seconds.");
  if (request.min_size > request.max_size)
    return invalid_error("invalid_size", "The least size is above the greatest.");
  bool utf8 = is_valid_utf8(request.bucket) && is_valid_utf8(request.key) &&
              is_valid_utf8(request.content_type);
  for (const auto& [name, value] : request.exact_fields)
    utf8 = utf8 && is_valid_utf8(name) && is_valid_utf8(value);
  if (!utf8) return invalid_error("invalid_encoding", "A POST policy holds UTF-8 alone.");
  return {};
}

}  // namespace

std::string post_policy_signature(const Credentials& credentials, const Scope& scope,
                                  std::string_view policy_base64) {
  return signature(credentials, scope, policy_base64);
}

Result<NameValues> make_post_policy(const Credentials& credentials,
                                    const PostPolicyRequest& request) {
  TRY(check(request));
  Scope scope{request.now, request.region, "s3"};
  NameValues fields{{"key", request.key}, {"content-type", request.content_type}};
  fields.insert(fields.end(), request.exact_fields.begin(), request.exact_fields.end());
  fields.emplace_back("x-amz-algorithm", kAlgorithm);
  fields.emplace_back("x-amz-credential", credentials.access_key_id + "/" + scope.to_string());
  fields.emplace_back("x-amz-date", format_amz_date(request.now));
  if (!credentials.session_token.empty())
    fields.emplace_back("x-amz-security-token", credentials.session_token);

  using Match = PolicyCondition::Match;
  PolicyDocument document{.expiration = request.now + request.expires_in,
                          .conditions = {{Match::exact, "bucket", request.bucket}},
                          .min_size = request.min_size,
                          .max_size = request.max_size};
  for (const auto& [name, value] : fields)
    document.conditions.push_back({Match::exact, ascii_lower(name), value});

  std::string policy = base64_encode(format_policy_document(document));
  std::string hex = post_policy_signature(credentials, scope, policy);
  fields.emplace_back("policy", std::move(policy));
  fields.emplace_back("x-amz-signature", std::move(hex));
  return fields;
}

}  // namespace tintype::sigv4

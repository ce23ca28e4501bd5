#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/hash.h"
#include "signing/credential.h"
#include "signing/policy_document.h"
#include "signing/post_policy.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

constexpr std::string_view kMalformed = "MalformedPOSTRequest";

// The form by lower-case name: S3 compares the names of fields without regard to case.
using Form = std::map<std::string, std::string_view, std::less<>>;

Error malformed(std::string detail) {
  return invalid_error(std::string(kMalformed), std::move(detail));
}

Error against_policy(const std::string& detail) {
  return access_denied("Invalid according to Policy: " + detail);
}

Result<Form> index_fields(const NameValues& fields) {
  Form form;
  for (const auto& [name, value] : fields)
    if (!form.try_emplace(ascii_lower(name), value).second)
      return malformed("A form field appears more than once.");
  if (!form.contains("policy") && !form.contains("x-amz-signature"))
    return access_denied("The form has no signed policy.");
  return form;
}

// A field that may be absent; empty then.
std::string_view optional_field(const Form& form, std::string_view name) {
  auto at = form.find(name);
  return at == form.end() ? std::string_view() : at->second;
}

Result<std::string_view> required_field(const Form& form, std::string_view name) {
  std::string_view value = optional_field(form, name);
  if (value.empty())
    return malformed("The form must contain a field named '" + std::string(name) + "'.");
  return value;
}

// Proves that the policy was signed by the holder of a known key, and returns its decoded text.
Result<std::string> authenticate(const Form& form, std::string_view region,
                                 const SecretLookup& lookup) {
  std::string_view policy = TRY(required_field(form, "policy"));
  std::string_view given = TRY(required_field(form, "x-amz-signature"));
  std::string_view date = TRY(required_field(form, "x-amz-date"));
  if (TRY(required_field(form, "x-amz-algorithm")) != kAlgorithm)
    return malformed("The x-amz-algorithm must be AWS4-HMAC-SHA256.");
  std::string_view credential = TRY(required_field(form, "x-amz-credential"));
  Timestamp signed_at = TRY(parse_signature_date(date, kMalformed));
  auto access_key_id = TRY(parse_credential(credential, {region, "s3", date, kMalformed}));
  Credentials credentials =
      TRY(find_credentials(access_key_id, optional_field(form, "x-amz-security-token"), lookup));
  Scope scope{signed_at, std::string(region), "s3"};
  if (!constant_time_equal(post_policy_signature(credentials, scope, policy), given))
    return signature_mismatch();
  auto decoded = base64_decode(policy);
  if (!decoded.ok())
    return invalid_error("InvalidPolicyDocument", "Invalid policy: it is not valid base64.");
  return decoded;
}

Result<void> check_conditions(const PolicyDocument& document, const Form& form) {
  for (const auto& condition : document.conditions) {
    auto field = form.find(condition.field);
    if (field == form.end() || !condition.holds(field->second))
      return against_policy("Policy Condition failed: " + condition.to_string());
  }
  return {};
}

Result<void> check_no_extra_fields(const PolicyDocument& document, const Form& form) {
  auto is_free = [](std::string_view name) {
    return name == "policy" || name == "x-amz-signature" || name == "file" ||
           name.starts_with("x-ignore-");
  };
  for (const auto& field : form) {
    std::string_view name = field.first;
    auto is_about = [&](const auto& condition) { return condition.field == name; };
    if (!is_free(name) &&
        std::none_of(document.conditions.begin(), document.conditions.end(), is_about))
      return against_policy("Extra input fields: " + printable(name));
  }
  return {};
}

}  // namespace

Result<VerifiedPost> verify_post_policy(const NameValues& fields, std::string_view bucket,
                                        std::string_view region, Timestamp now,
                                        const SecretLookup& lookup) {
  Form form = TRY(index_fields(fields));
  std::string text = TRY(authenticate(form, region, lookup));
  PolicyDocument document = TRY(parse_policy_document(text));
  if (now >= document.expiration) return against_policy("Policy expired.");
  // The URL names the bucket, not the form. As a field it needs a condition like every other, or a
  // form signed for one bucket would be good for each.
  if (form.try_emplace("bucket", bucket).first->second != bucket)
    return against_policy("the form names another bucket.");
  TRY(check_conditions(document, form));
  TRY(check_no_extra_fields(document, form));
  std::string_view key = TRY(required_field(form, "key"));
  return VerifiedPost{std::string(key), std::string(optional_field(form, "content-type")),
                      document.min_size, document.max_size};
}

}  // namespace tintype::sigv4

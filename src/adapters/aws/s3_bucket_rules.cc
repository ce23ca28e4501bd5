#include "adapters/aws/s3_bucket_rules.h"

#include <algorithm>
#include <array>

#include "signing/text.h"

namespace tintype {
namespace {

constexpr std::string_view kRuleId = "tintype";
constexpr std::string_view kRefuseAcls = "BlockPublicAcls";
constexpr std::array<std::string_view, 4> kAccessBlocks{
    kRefuseAcls, "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"};
constexpr std::string_view kAbortUploads = "AbortIncompleteMultipartUpload";

XmlElement leaf(std::string_view name, std::string_view text) {
  return {std::string(name), std::string(text), {}};
}

XmlElement branch(std::string_view name, std::vector<XmlElement> children) {
  return {std::string(name), {}, std::move(children)};
}

bool is_true(std::string_view text) {
  return text == "1" || sigv4::equal_ignoring_case(text, "true");
}

// The same children in any order, for servers that sort them their own way. MinIO, which gives up
// unfinished uploads by itself, does not keep the wish.
bool says(const XmlElement& found, const XmlElement& wanted) {
  auto texts = [&](const XmlElement& element) {
    std::vector<std::string> out;
    for (const auto& child : element.children) {
      if (child.name != kAbortUploads || found.child(kAbortUploads)) out.push_back(to_xml(child));
    }
    std::ranges::sort(out);
    return out;
  };
  return texts(found) == texts(wanted);
}

// The configuration with our rule in the place of its predecessor.
std::optional<XmlElement> with_rule(const XmlElement* current, std::string_view root,
                                    XmlElement rule) {
  XmlElement merged = branch(root, {});
  for (const auto& other : current ? current->children : std::vector<XmlElement>()) {
    if (other.name != rule.name) continue;
    if (other.text_of("ID") != kRuleId) merged.children.push_back(other);
    else if (says(other, rule)) return std::nullopt;
  }
  merged.children.push_back(std::move(rule));
  return merged;
}

// The configuration without our rule; nothing when it has none.
std::optional<XmlElement> without_rule(const XmlElement* current) {
  if (!current) return std::nullopt;
  XmlElement rest = *current;
  const auto ours = [](const XmlElement& rule) { return rule.text_of("ID") == kRuleId; };
  if (std::erase_if(rest.children, ours) == 0) return std::nullopt;
  return rest;
}

}  // namespace

std::optional<XmlElement> wanted_public_access_block(const XmlElement* current, bool at_aws) {
  XmlElement blocks = branch("PublicAccessBlockConfiguration", {});
  bool changed = !current;
  for (const auto block : kAccessBlocks) {
    const bool is_on = current && is_true(current->text_of(block));
    const bool wanted = is_on || at_aws || block != kRefuseAcls;
    changed = changed || wanted != is_on;
    blocks.children.push_back(leaf(block, wanted ? "true" : "false"));
  }
  if (!changed) return std::nullopt;
  return blocks;
}

std::optional<XmlElement> wanted_encryption(const XmlElement* current) {
  if (current && current->child("Rule")) return std::nullopt;
  return branch("ServerSideEncryptionConfiguration",
                {branch("Rule", {branch("ApplyServerSideEncryptionByDefault",
                                        {leaf("SSEAlgorithm", "AES256")})})});
}

std::optional<XmlElement> wanted_cors(const XmlElement* current, const BucketWishes& wishes) {
  if (wishes.cors_origins.empty()) return without_rule(current);
  XmlElement rule = branch("CORSRule", {leaf("ID", kRuleId)});
  for (const auto* method : {"GET", "HEAD", "POST", "PUT"})
    rule.children.push_back(leaf("AllowedMethod", method));
  for (const auto& origin : wishes.cors_origins)
    rule.children.push_back(leaf("AllowedOrigin", origin));
  rule.children.push_back(leaf("AllowedHeader", "*"));
  rule.children.push_back(leaf("MaxAgeSeconds", "3600"));
  rule.children.push_back(leaf("ExposeHeader", "ETag"));
  return with_rule(current, "CORSConfiguration", std::move(rule));
}

std::optional<XmlElement> wanted_lifecycle(const XmlElement* current, const BucketWishes& wishes) {
  const auto days = [](int count) { return std::to_string(std::max(count, 1)); };
  XmlElement rule = branch(
      "Rule",
      {leaf("ID", kRuleId), branch("Filter", {leaf("Prefix", "incoming/")}),
       leaf("Status", "Enabled"), branch("Expiration", {leaf("Days", days(wishes.incoming_days))}),
       branch(kAbortUploads, {leaf("DaysAfterInitiation", days(wishes.multipart_days))})});
  return with_rule(current, "LifecycleConfiguration", std::move(rule));
}

}  // namespace tintype

#include "adapters/aws/sts.h"

#include <array>

#include "adapters/aws/region.h"
#include "adapters/aws/small_request.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "signing/text.h"

namespace tintype {
namespace {

constexpr Patience kPatience{.tries = 3, .each = seconds(5)};

// The text of the first such element, still escaped. STS sends each of those asked for once,
// without attributes.
std::string_view element(std::string_view xml, const std::string& name) {
  const auto begin = xml.find("<" + name + ">");
  if (begin == xml.npos) return {};
  const auto text = xml.substr(begin + name.size() + 2);
  const auto end = text.find("</" + name + ">");
  return end == text.npos ? std::string_view() : trim_blanks(text.substr(0, end));
}

// Keys and tokens are base64; nothing in them needs more than this.
constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};

std::string unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::pair<std::string_view, char> next{text.substr(0, 1), text.front()};
    for (const auto& entity : kEntities)
      if (text.starts_with(entity.first)) next = entity;
    out += next.second;
    text.remove_prefix(next.first.size());
  }
  return out;
}

Error refusal(const HttpResponse& response) {
  const auto code = element(response.body, "Code");
  std::string reason = "STS answered " + std::to_string(response.status);
  if (!code.empty()) reason += " " + sigv4::printable(code);
  return source_failed(std::move(reason));
}

bool worth_another_try(const HttpResponse& response) {
  if (is_momentary(response)) return true;
  const auto code = response.status == 200 ? "" : element(response.body, "Code");
  return code == "Throttling" || code == "IDPCommunicationError";
}

HttpRequest post(const std::string& endpoint, std::string form) {
  HttpRequest out;
  out.method = "POST";
  out.url = endpoint + "/";
  out.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                 {"accept", "application/xml"}};
  out.body = std::move(form);
  return out;
}

void sign(HttpRequest& request, const std::string& endpoint, const AwsCredentials& signer,
          const sigv4::Scope& scope) {
  sigv4::CanonicalInput input{
      request.method, "/", {}, request.headers, hex_encode(sha256(request.body))};
  input.headers.emplace_back("host", endpoint.substr(endpoint.find("://") + 3));
  for (auto& header : sigv4::sign_headers(signer.keys, scope, input))
    request.headers.push_back(std::move(header));
}

}  // namespace

std::string role_request_form(const RoleRequest& request) {
  const bool web = !request.web_identity_token.empty();
  std::string out = "Action=AssumeRole";
  if (web) out += "WithWebIdentity";
  out += "&Version=2011-06-15";
  auto add = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out.append("&").append(name).append("=").append(percent_encode(value));
  };
  add("RoleArn", request.role_arn);
  add("RoleSessionName", request.session_name);
  add("ExternalId", request.external_id);
  add("DurationSeconds", request.duration_seconds);
  add("WebIdentityToken", request.web_identity_token);
  return out;
}

Result<AwsCredentials> parse_role_answer(const HttpResponse& response) {
  if (response.status != 200) return refusal(response);
  const auto xml = element(response.body, "Credentials");
  const auto expires_at = parse_rfc3339(element(xml, "Expiration"));
  auto text = [xml](const char* name) { return unescaped(element(xml, name)); };
  sigv4::Credentials keys{text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken")};
  if (!expires_at.ok() || keys.session_token.empty())
    return source_failed("STS's answer lacks credentials, a token or an expiration");
  return checked_credentials(std::move(keys), *expires_at);
}

Result<std::string> sts_endpoint(const AwsSurroundings& surroundings, const std::string& region) {
  auto own = surroundings.variable("AWS_ENDPOINT_URL_STS");
  if (own.empty())
    return "https://sts." + region + ".amazonaws.com" + (region.starts_with("cn-") ? ".cn" : "");
  if (own.ends_with('/')) own.pop_back();
  const auto host = own.starts_with("https://") ? 8 : own.starts_with("http://") ? 7 : own.size();
  const auto authority = std::string_view(own).substr(host);
  if (authority.empty() || !is_visible_ascii(own) || authority.find_first_of("/?#@\\") != own.npos)
    return source_failed("AWS_ENDPOINT_URL_STS is not the URL of a server");
  return own;
}

Result<AwsCredentials> assume_role(const AwsSurroundings& surroundings, RoleRequest request,
                                   const std::optional<AwsCredentials>& signer, Deadline deadline) {
  const auto region = TRY(configured_region(surroundings));
  if (!region) return source_failed("STS needs a region: set AWS_REGION");
  const auto endpoint = TRY(sts_endpoint(surroundings, *region));
  const auto now = surroundings.clock.now();
  if (request.session_name.empty())
    request.session_name = "tintype-" + std::to_string(now.time_since_epoch().count());
  auto http = post(endpoint, role_request_form(request));
  if (signer) sign(http, endpoint, *signer, {now, *region, "sts"});
  const auto answer =
      TRY(send_small(surroundings, std::move(http), kPatience, deadline, worth_another_try));
  return parse_role_answer(answer);
}

}  // namespace tintype

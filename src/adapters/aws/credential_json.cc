#include "adapters/aws/credential_json.h"

#include <boost/json.hpp>

#include "signing/text.h"

namespace tintype {
namespace {

namespace json = boost::json;

Result<json::object> parse_answer(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return source_failed("the answer is not a JSON object");
  return std::move(value.get_object());
}

std::string member(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string();
}

Result<std::string> required(const json::object& object, const char* name) {
  auto text = member(object, name);
  if (text.empty()) return source_failed("the answer has no " + std::string(name));
  return text;
}

Result<std::optional<Timestamp>> expiration(const json::object& object) {
  const auto* value = object.if_contains("Expiration");
  if (!value || value->is_null()) return std::optional<Timestamp>();
  const auto time = parse_rfc3339(member(object, "Expiration"));
  if (!time.ok()) return source_failed("the answer's Expiration is not a time");
  return std::optional(*time);
}

Result<AwsCredentials> credentials_of(const json::object& object, std::string token) {
  auto id = TRY(required(object, "AccessKeyId"));
  auto secret = TRY(required(object, "SecretAccessKey"));
  auto expires_at = TRY(expiration(object));
  return checked_credentials({std::move(id), std::move(secret), std::move(token)}, expires_at);
}

}  // namespace

Result<AwsCredentials> parse_service_credentials(std::string_view text) {
  const auto object = TRY(parse_answer(text));
  const auto code = member(object, "Code");
  if (!code.empty() && code != "Success")
    return source_failed("the service refused with " + sigv4::printable(code));
  auto token = TRY(required(object, "Token"));
  TRY(required(object, "Expiration"));
  return credentials_of(object, std::move(token));
}

Result<AwsCredentials> parse_process_credentials(std::string_view text) {
  const auto object = TRY(parse_answer(text));
  const auto* version = object.if_contains("Version");
  if (!version || !version->is_int64() || version->get_int64() != 1)
    return source_failed("the answer's Version is not 1");
  return credentials_of(object, member(object, "SessionToken"));
}

}  // namespace tintype

#include "adapters/aws/credential_source.h"

#include <algorithm>

namespace tintype {
namespace {

Error unfit(std::string_view what) {
  return source_failed("the " + std::string(what) +
                       " holds a space, a line end or another character that no such key has");
}

}  // namespace

Error source_failed(std::string reason) {
  return {ErrorKind::invalid, "no_credentials", std::move(reason), {}};
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string_view trim_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<AwsCredentials> checked_credentials(sigv4::Credentials keys,
                                           std::optional<Timestamp> expires_at) {
  if (keys.access_key_id.empty()) return source_failed("there is no access key id");
  if (keys.secret_access_key.empty()) return source_failed("there is no secret access key");
  if (!is_visible_ascii(keys.access_key_id)) return unfit("access key id");
  if (!is_visible_ascii(keys.secret_access_key)) return unfit("secret access key");
  if (!is_visible_ascii(keys.session_token)) return unfit("session token");
  return AwsCredentials{std::move(keys), expires_at};
}

}  // namespace tintype

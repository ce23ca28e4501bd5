#include "adapters/aws/web_identity_source.h"

#include "adapters/aws/small_file.h"
#include "adapters/aws/sts.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxToken = 64 * 1024;

Result<std::string> read_token(const std::string& path) {
  const auto text = read_small_file(path, kMaxToken);
  if (!text.ok()) return source_failed(text.error().detail);
  const auto token = trim_blanks(*text);
  if (token.empty()) return source_failed(path + " is empty");
  if (!is_visible_ascii(token)) return source_failed(path + " does not hold a token");
  return std::string(token);
}

}  // namespace

Result<AwsCredentials> assume_web_identity(const AwsSurroundings& surroundings,
                                           const WebIdentity& identity, Deadline deadline) {
  auto token = TRY(read_token(identity.token_file));
  return assume_role(surroundings,
                     {.role_arn = identity.role_arn,
                      .session_name = identity.session_name,
                      .web_identity_token = std::move(token)},
                     std::nullopt, deadline);
}

Result<AwsCredentials> WebIdentitySource::fetch(Deadline deadline) const {
  const WebIdentity identity{surroundings_.variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
                             surroundings_.variable("AWS_ROLE_ARN"),
                             surroundings_.variable("AWS_ROLE_SESSION_NAME")};
  if (identity.token_file.empty()) return not_found_error("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  if (identity.role_arn.empty())
    return source_failed("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
  return assume_web_identity(surroundings_, identity, deadline);
}

}  // namespace tintype

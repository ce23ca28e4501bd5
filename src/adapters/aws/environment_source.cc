#include "adapters/aws/environment_source.h"

namespace tintype {

Result<AwsCredentials> EnvironmentSource::fetch(Deadline) const {
  const auto& all = surroundings_;
  sigv4::Credentials keys{all.variable("AWS_ACCESS_KEY_ID"), all.variable("AWS_SECRET_ACCESS_KEY"),
                          all.variable("AWS_SESSION_TOKEN")};
  if (keys.access_key_id.empty()) return not_found_error("AWS_ACCESS_KEY_ID is not set");
  if (keys.secret_access_key.empty())
    return source_failed("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
  std::optional<Timestamp> expires_at;
  if (const auto text = all.variable("AWS_CREDENTIAL_EXPIRATION"); !text.empty()) {
    const auto time = parse_rfc3339(text);
    if (!time.ok()) return source_failed("AWS_CREDENTIAL_EXPIRATION is not a time");
    expires_at = *time;
  }
  return checked_credentials(std::move(keys), expires_at);
}

}  // namespace tintype

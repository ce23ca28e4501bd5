#include "adapters/aws/instance_source.h"

#include "adapters/aws/credential_json.h"
#include "adapters/aws/instance_metadata.h"

namespace tintype {
namespace {

constexpr std::string_view kRoles = "iam/security-credentials/";

// The characters of role names (IAM user guide, "IAM and AWS STS quotas"): nothing that would lead
// to another path.
bool is_role_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(kAllowed) == text.npos &&
         text != "." && text != "..";
}

}  // namespace

Result<AwsCredentials> InstanceSource::fetch(Deadline deadline) const {
  const auto metadata = TRY(InstanceMetadata::open(surroundings_, deadline));
  const auto roles = metadata.get(std::string(kRoles), deadline);
  if (!roles.ok() && roles.error().is(ErrorKind::not_found))
    return not_found_error("the instance has no role");
  if (!roles.ok()) return roles.error();
  const auto role = roles->substr(0, roles->find_first_of("\r\n"));
  if (!is_role_name(role))
    return source_failed("it answered with something that is no role's name");
  const auto json = metadata.get(std::string(kRoles) + role, deadline);
  if (!json.ok() && json.error().is(ErrorKind::not_found))
    return source_failed("it has no credentials of the instance's role");
  if (!json.ok()) return json.error();
  return parse_service_credentials(*json);
}

}  // namespace tintype

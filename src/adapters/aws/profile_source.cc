#include "adapters/aws/profile_source.h"

#include <algorithm>

#include "adapters/aws/container_source.h"
#include "adapters/aws/credential_process.h"
#include "adapters/aws/environment_source.h"
#include "adapters/aws/instance_source.h"
#include "adapters/aws/sts.h"
#include "adapters/aws/web_identity_source.h"
#include "signing/text.h"

namespace tintype {
namespace {

constexpr std::size_t kLongestChain = 8;

std::string quoted(std::string_view name) { return "\"" + sigv4::printable(name) + "\""; }

bool has_keys(const AwsProfile& profile) {
  return profile.has("aws_access_key_id") || profile.has("aws_secret_access_key");
}

bool assumes_role(const AwsProfile& profile) {
  return profile.has("role_arn") && !profile.has("web_identity_token_file");
}

bool uses_sso(const AwsProfile& profile) {
  return profile.has("sso_session") || profile.has("sso_start_url");
}

Result<AwsCredentials> keys_of(const AwsProfile& profile) {
  return checked_credentials(
      {profile.setting("aws_access_key_id"), profile.setting("aws_secret_access_key"),
       profile.setting("aws_session_token")},
      std::nullopt);
}

// One walk from a profile to its credentials, through those that it takes its own from.
class ProfileWalk {
 public:
  ProfileWalk(const AwsSurroundings& surroundings, const AwsProfiles& profiles, Deadline deadline)
      : surroundings_(surroundings), profiles_(profiles), deadline_(deadline) {}

  // A profile that takes a role from itself has the keys for it, so from the second step on keys
  // come before roles.
  Result<AwsCredentials> credentials_of(const std::string& name) {
    const auto found = profiles_.find(name);
    if (found == profiles_.end()) return source_failed("there is no profile " + quoted(name));
    const auto& profile = found->second;
    const bool first = visited_.empty();
    visited_.push_back(name);
    if (assumes_role(profile) && (first || !has_keys(profile))) return role_of(name, profile);
    return own_credentials(name, profile);
  }

 private:
  Result<AwsCredentials> own_credentials(const std::string& name, const AwsProfile& profile) const {
    if (profile.has("web_identity_token_file")) return web_identity_of(name, profile);
    if (uses_sso(profile))
      return source_failed("profile " + quoted(name) +
                           " signs in with SSO, which only the AWS CLI can: give it a "
                           "credential_process of `aws configure export-credentials`");
    if (has_keys(profile) && profile.keys_in_credentials_file) return keys_of(profile);
    if (profile.has("credential_process"))
      return run_credential_process(profile.setting("credential_process"), deadline_);
    if (has_keys(profile)) return keys_of(profile);
    return not_found_error("profile " + quoted(name) + " has no credentials");
  }

  Result<AwsCredentials> web_identity_of(const std::string& name, const AwsProfile& profile) const {
    if (!profile.has("role_arn"))
      return source_failed("profile " + quoted(name) +
                           " has a web_identity_token_file and no role_arn");
    return assume_web_identity(surroundings_,
                               {profile.setting("web_identity_token_file"),
                                profile.setting("role_arn"), profile.setting("role_session_name")},
                               deadline_);
  }

  Result<AwsCredentials> role_of(const std::string& name, const AwsProfile& profile) {
    if (profile.has("mfa_serial"))
      return source_failed("profile " + quoted(name) +
                           " wants a code of an MFA device, which nobody can type here");
    RoleRequest request{.role_arn = profile.setting("role_arn"),
                        .session_name = profile.setting("role_session_name"),
                        .external_id = profile.setting("external_id"),
                        .duration_seconds = profile.setting("duration_seconds")};
    const auto signer = TRY(signer_of(name, profile));
    return assume_role(surroundings_, std::move(request), signer, deadline_);
  }

  // The credentials that may take the role.
  Result<AwsCredentials> signer_of(const std::string& name, const AwsProfile& profile) {
    const auto from = profile.setting("source_profile");
    const auto source = profile.setting("credential_source");
    if (from.empty() == source.empty())
      return source_failed("profile " + quoted(name) + " has a role_arn and needs either a " +
                           "source_profile or a credential_source");
    auto signer = from.empty() ? from_source(source) : from_profile(from, name, profile);
    // The chain must not go on to another identity: the role is set up.
    if (!signer.ok() && signer.error().is(ErrorKind::not_found))
      return source_failed(signer.error().detail);
    return signer;
  }

  Result<AwsCredentials> from_profile(const std::string& from, const std::string& name,
                                      const AwsProfile& profile) {
    if (from == name && has_keys(profile)) return own_credentials(name, profile);
    if (std::ranges::find(visited_, from) != visited_.end())
      return source_failed("the source_profile of " + quoted(name) + " leads in a circle");
    if (visited_.size() == kLongestChain)
      return source_failed("too many profiles take their roles from each other");
    return credentials_of(from);
  }

  Result<AwsCredentials> from_source(const std::string& source) const {
    const auto wanted = sigv4::ascii_lower(source);
    if (wanted == "environment") return EnvironmentSource(surroundings_).fetch(deadline_);
    if (wanted == "ecscontainer") return ContainerSource(surroundings_).fetch(deadline_);
    if (wanted == "ec2instancemetadata") return InstanceSource(surroundings_).fetch(deadline_);
    return source_failed("there is no credential_source " + quoted(source));
  }

  const AwsSurroundings& surroundings_;
  const AwsProfiles& profiles_;
  Deadline deadline_;
  std::vector<std::string> visited_;
};

std::string both_files(const ProfileChoice& choice) {
  if (choice.config_file.empty() && choice.credentials_file.empty())
    return "there is no home folder to look in";
  return "it is in neither " + choice.config_file + " nor " + choice.credentials_file;
}

}  // namespace

std::string ProfileSource::name() const {
  return "the profile " + quoted(profile_choice(surroundings_).name);
}

Result<AwsCredentials> ProfileSource::fetch(Deadline deadline) const {
  const auto choice = profile_choice(surroundings_);
  const auto profiles = load_profiles(choice);
  // Under another user the usual files may lie in a folder that is closed: as if they were not
  // there.
  const bool closed = !profiles.ok() && profiles.error().is(ErrorKind::forbidden);
  if (closed && !choice.named) return not_found_error(profiles.error().detail);
  if (!profiles.ok()) return source_failed(profiles.error().detail);
  const bool there = profiles->contains(choice.name);
  if (!there && choice.named) return source_failed(both_files(choice));
  if (!there) return not_found_error(both_files(choice));
  auto found = ProfileWalk(surroundings_, *profiles, deadline).credentials_of(choice.name);
  if (!found.ok() && choice.named && found.error().is(ErrorKind::not_found))
    return source_failed(found.error().detail);
  return found;
}

}  // namespace tintype

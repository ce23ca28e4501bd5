// The profiles of the shared config and credentials files.
//
// Source: "Shared config and credentials files" of the AWS SDKs and Tools reference guide. In the
// config file a profile is `[profile NAME]` or `[default]`, in the credentials file `[NAME]`; where
// both have a setting, the credentials file's counts.
#pragma once

#include <map>
#include <string>

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/ini_file.h"

namespace tintype {

struct AwsProfile {
  IniSection settings;
  bool keys_in_credentials_file = false;

  // Empty when there is no such setting, or it holds a block of settings of its own.
  std::string setting(std::string_view name) const;
  bool has(std::string_view name) const { return !setting(name).empty(); }
};

using AwsProfiles = std::map<std::string, AwsProfile, std::less<>>;

// Pure.
AwsProfiles merge_profiles(const IniFile& config, const IniFile& credentials);

// What the user chose, or may not have chosen.
struct ProfileChoice {
  std::string name;              // AWS_PROFILE, or `default`
  bool named;                    // by AWS_PROFILE
  std::string config_file;       // AWS_CONFIG_FILE, or ~/.aws/config
  std::string credentials_file;  // AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials
};
ProfileChoice profile_choice(const AwsSurroundings& surroundings);

// Both files, read anew; one that is not there is empty. Errors: `forbidden` when one may not be
// read; `invalid`, `too_large` or `internal` when it makes no sense. The details name the file.
Result<AwsProfiles> load_profiles(const ProfileChoice& choice);

}  // namespace tintype

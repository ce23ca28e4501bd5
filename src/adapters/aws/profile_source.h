// Credentials by way of a profile of the shared files (profiles.h): keys in it, a role that is
// assumed from another profile or source, a web identity, or a program that prints keys.
#pragma once

#include <vector>

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"
#include "adapters/aws/profiles.h"

namespace tintype {

// The profile that AWS_PROFILE names, or `default`. It is set up when it is named, or when it is
// there and has any of those four. Within a profile they are looked for in botocore's order: role,
// web identity, keys of the credentials file, program, keys of the config file.
class ProfileSource final : public CredentialSource {
 public:
  explicit ProfileSource(AwsSurroundings surroundings) : surroundings_(std::move(surroundings)) {}
  std::string name() const override;
  Result<AwsCredentials> fetch(Deadline deadline) const override;

 private:
  AwsSurroundings surroundings_;
};

}  // namespace tintype

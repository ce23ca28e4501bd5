// Credentials of the role that an EC2 instance has, from instance metadata.
#pragma once

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"

namespace tintype {

class InstanceSource final : public CredentialSource {
 public:
  explicit InstanceSource(AwsSurroundings surroundings) : surroundings_(std::move(surroundings)) {}
  std::string name() const override { return "instance metadata"; }
  Result<AwsCredentials> fetch(Deadline deadline) const override;

 private:
  AwsSurroundings surroundings_;
};

}  // namespace tintype

// Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and
// AWS_CREDENTIAL_EXPIRATION. The first decides whether the source is set up.
#pragma once

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"

namespace tintype {

class EnvironmentSource final : public CredentialSource {
 public:
  explicit EnvironmentSource(AwsSurroundings surroundings)
      : surroundings_(std::move(surroundings)) {}
  std::string name() const override { return "the environment"; }
  Result<AwsCredentials> fetch(Deadline deadline) const override;

 private:
  AwsSurroundings surroundings_;
};

}  // namespace tintype

// Credentials for a web identity: a token in a file (a Kubernetes service account's, say) that STS
// takes for a role. The file is read anew each time, because its owner replaces the token.
#pragma once

#include <string>

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"

namespace tintype {

struct WebIdentity {
  std::string token_file;
  std::string role_arn;
  std::string session_name;  // empty: one is made up
};

// Errors: as credential_source.h wants them.
Result<AwsCredentials> assume_web_identity(const AwsSurroundings& surroundings,
                                           const WebIdentity& identity, Deadline deadline);

// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME. The first decides whether
// the source is set up.
class WebIdentitySource final : public CredentialSource {
 public:
  explicit WebIdentitySource(AwsSurroundings surroundings)
      : surroundings_(std::move(surroundings)) {}
  std::string name() const override { return "the web identity"; }
  Result<AwsCredentials> fetch(Deadline deadline) const override;

 private:
  AwsSurroundings surroundings_;
};

}  // namespace tintype

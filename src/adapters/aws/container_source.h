// Credentials from the endpoint that a container's host offers: ECS, EKS Pod Identity, Greengrass.
//
// Source: "Container credential provider" of the AWS SDKs and Tools reference guide.
#pragma once

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"

namespace tintype {

// The URL to ask, of AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (a path at 169.254.170.2) or else
// AWS_CONTAINER_CREDENTIALS_FULL_URI. Pure. Errors: `not_found` when both are empty; `invalid` for
// what is no URL, and for plain http to another host than this machine (127.0.0.0/8, [::1],
// localhost) or the hosts' own addresses 169.254.170.2, 169.254.170.23 and [fd00:ec2::23]: the
// request carries a token and the answer keys.
Result<std::string> container_url(std::string_view relative, std::string_view full);

// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, read anew each time, or AWS_CONTAINER_AUTHORIZATION_TOKEN
// is sent along.
class ContainerSource final : public CredentialSource {
 public:
  explicit ContainerSource(AwsSurroundings surroundings) : surroundings_(std::move(surroundings)) {}
  std::string name() const override { return "the container endpoint"; }
  Result<AwsCredentials> fetch(Deadline deadline) const override;

 private:
  AwsSurroundings surroundings_;
};

}  // namespace tintype

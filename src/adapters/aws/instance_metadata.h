// The instance metadata service of EC2, version 2: a token first, then what one wants to know.
//
// Source: "Use the Instance Metadata Service to access instance metadata" of the Amazon EC2 user
// guide. Version 1, which any request that a server can be tricked into sends, is not used.
#pragma once

#include <string>

#include "adapters/aws/aws_surroundings.h"

namespace tintype {

// Each request has a second and two tries: where there is no such service, nobody waits for long.
// AWS_EC2_METADATA_DISABLED=true switches it off; AWS_EC2_METADATA_SERVICE_ENDPOINT, or
// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6, says where it is.
class InstanceMetadata {
 public:
  // Errors: `not_found` when it is switched off; `invalid`; those of small_request.h. As
  // credential_source.h wants them.
  static Result<InstanceMetadata> open(const AwsSurroundings& surroundings, Deadline deadline);

  // The text at `path` below /latest/meta-data/, without blanks at its ends. Errors: `not_found`;
  // `invalid` for any other answer; those of small_request.h.
  Result<std::string> get(const std::string& path, Deadline deadline) const;

 private:
  InstanceMetadata(const AwsSurroundings& surroundings, std::string endpoint, std::string token)
      : surroundings_(&surroundings), endpoint_(std::move(endpoint)), token_(std::move(token)) {}

  const AwsSurroundings* surroundings_;
  std::string endpoint_;
  std::string token_;
};

}  // namespace tintype

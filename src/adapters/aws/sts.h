// STS, the service that turns an identity into keys that last an hour: what is asked, what comes
// back, and the asking.
//
// Source: AssumeRole and AssumeRoleWithWebIdentity of the AWS STS API reference (version
// 2011-06-15): form-encoded POST, XML answers.
#pragma once

#include <string>

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"

namespace tintype {

struct RoleRequest {
  std::string role_arn;
  std::string session_name;      // empty: one is made up
  std::string external_id;       // empty: none
  std::string duration_seconds;  // digits; empty: STS decides (an hour)
  std::string web_identity_token;
};

// The form's text: AssumeRoleWithWebIdentity where there is a token, AssumeRole otherwise. Pure.
std::string role_request_form(const RoleRequest& request);
// Pure. Errors: `invalid`; of a refusal, the status and STS's own word for it.
Result<AwsCredentials> parse_role_answer(const HttpResponse& response);

// `https://sts.eu-central-1.amazonaws.com`, or AWS_ENDPOINT_URL_STS. Errors: `invalid` when that is
// no URL of a server.
Result<std::string> sts_endpoint(const AwsSurroundings& surroundings, const std::string& region);

// Asks the STS of the configured region (region.h). `signer` signs; without one the request goes
// unsigned, as a web identity's does. Errors: as credential_source.h wants them.
Result<AwsCredentials> assume_role(const AwsSurroundings& surroundings, RoleRequest request,
                                   const std::optional<AwsCredentials>& signer, Deadline deadline);

}  // namespace tintype

// The JSON in which credentials are handed out by the container endpoint, instance metadata and
// credential processes. Pure.
//
// Sources: "Container credential provider" and "Process credential provider" of the AWS SDKs and
// Tools reference guide; "Retrieve security credentials from instance metadata" of the Amazon EC2
// user guide.
#pragma once

#include <string_view>

#include "adapters/aws/credential_source.h"

namespace tintype {

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}, all required; where there is a `Code`
// it must be `Success`. Errors: `invalid`, as credential_source.h wants them.
Result<AwsCredentials> parse_service_credentials(std::string_view json);

// {"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken"?, "Expiration"?}.
Result<AwsCredentials> parse_process_credentials(std::string_view json);

}  // namespace tintype

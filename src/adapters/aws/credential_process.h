// Running the program that a profile names as its `credential_process`.
#pragma once

#include <string>

#include "adapters/aws/credential_source.h"

namespace tintype {

// Runs `command` without a shell: cut into words, looked up in PATH, with this process's
// environment, /dev/null for input and errors. It has until the deadline, at most half a minute,
// and may print 64 KiB; then it is killed with all that it has started. Errors: `invalid` when it
// cannot run, fails or prints anything but credentials; `timeout`.
Result<AwsCredentials> run_credential_process(const std::string& command, Deadline deadline);

}  // namespace tintype

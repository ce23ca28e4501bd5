// `tintype lambda`: answers the events of an AWS Lambda function.
#pragma once

#include "app/settings.h"
#include "base/result.h"

namespace tintype {

// Runs until the Runtime API is gone. What keeps the function from starting, bad settings among it,
// is told to the Runtime API and to standard error. Returns the exit code: 2 for bad settings and
// without a Runtime API, 1 otherwise.
int lambda_command(Result<Settings> settings);

}  // namespace tintype

// `tintype lambda`: answers the events of an AWS Lambda function.
#pragma once

#include "app/settings_load.h"

namespace tintype {

// The settings are those of `sources` and of the environment. Runs until the Runtime API is gone.
// What keeps the function from starting, bad settings among it, is told to the Runtime API and to
// standard error. Returns the exit code: 2 for bad settings and without a Runtime API, 1 otherwise.
int lambda_command(SettingsSources sources);

}  // namespace tintype

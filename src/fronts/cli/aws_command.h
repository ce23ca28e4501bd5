// `tintype aws init` and `tintype aws destroy`: makes, verifies and deletes the bucket and the
// tables that `store=aws` works on.
#pragma once

#include "app/settings.h"
#include "fronts/cli/command_line.h"

namespace tintype {

// Prints one line for each thing that is there, was made or was deleted, as it happens; an error
// after those that went well. Returns the exit code.
int aws_command(const Settings& settings, const AwsAction& action);

}  // namespace tintype

// `tintype ARGUMENTS...`: parses the command line and runs the command.
#pragma once

#include <span>
#include <string>

namespace tintype {

// `arguments` are those after the program's name. Returns the exit code: 0 done, 1 failed, 2 wrong
// usage or settings.
int run_cli(std::span<const std::string> arguments);

}  // namespace tintype

// What this process was started from.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// The path that starts the same program again: /proc/self/exe, unless that is the loader, as in the
// package for AWS Lambda, which starts the program through the loader that it carries and gives it
// the name of what started that (src/fronts/bootstrap.cc).
std::string own_program();

// The same, from the file that the kernel runs and the name of the program (argv[0]).
std::string own_program(std::string_view executable, std::string_view name);

}  // namespace tintype

#include "fronts/cli/serve_command.h"

#include <cstdio>

namespace tintype {

int serve_command(const Settings& settings) {
  std::fprintf(stderr, "tintype: this build has no server for %s\n",
               to_string(settings.listen).c_str());
  return 1;
}

}  // namespace tintype

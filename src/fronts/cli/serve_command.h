// `tintype serve`: runs the server until SIGTERM or SIGINT.
#pragma once

#include "app/settings.h"

namespace tintype {

// Prints `listening on http://ADDRESS:PORT` on standard output when ready. Returns the exit code:
// 0 after draining, 1 when the server could not start or failed.
int serve_command(const Settings& settings);

}  // namespace tintype

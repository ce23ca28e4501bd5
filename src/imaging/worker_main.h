// The worker program: `tintype imaging-worker`, started by WorkerPool and by nobody else.
#pragma once

#include <string>

#include "base/result.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// Serves jobs from the socket at descriptor 3 until the pool closes it. Arguments after the name of
// the command: `--sandbox=auto|required|off`, `--memory=BYTES` (0 is no limit). Returns the exit
// code.
int imaging_worker_main(int argc, char** argv);

// What tests replace: the kernel's consent, and jobs that misbehave.
struct WorkerHooks {
  Result<void> (*install_filter)() = nullptr;
  Result<std::string> (*other_job)(const Job& job) = nullptr;
};
int imaging_worker_main(int argc, char** argv, const WorkerHooks& hooks);

}  // namespace tintype

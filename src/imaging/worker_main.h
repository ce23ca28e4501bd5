// The worker program: `tintype imaging-worker`, started by WorkerPool and by nobody else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// Serves jobs from the socket at descriptor 3 until the pool closes it. Arguments after the name of
// the command: `--sandbox=auto|required|off`, `--memory=BYTES` (0 is no limit). Returns the exit
// code.
int imaging_worker_main(int argc, char** argv);

// What tests replace: the kernel's consent, and jobs that misbehave.
struct WorkerHooks {
  Result<void> (*install_filter)() = nullptr;
  // Asked first about every job; nothing: the worker does its work.
  std::optional<Result<std::string>> (*instead)(const Job& job,
                                                const std::vector<UniqueFd>& fds) = nullptr;
};
int imaging_worker_main(int argc, char** argv, const WorkerHooks& hooks);

}  // namespace tintype

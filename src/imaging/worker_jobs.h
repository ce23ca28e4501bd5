// What a worker does with one job.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "imaging/heif_library.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// The payload of the answer. `fds` are what came with the job: the input, then one output per
// rendition asked for. `heif` is null where HEIC support is not installed. Errors: of failures.h.
Result<std::string> run_job(const Job& job, const std::vector<UniqueFd>& fds,
                            const HeifLibrary* heif);

}  // namespace tintype

// What a worker gives up before it touches the first file. See docs/adr for the list and its
// reasons.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace tintype {

struct ProcessLimits {
  std::uint64_t address_space = 0;  // bytes; 0 leaves it alone
  std::uint64_t open_files = 64;
};

// Core dumps, tracing and privileges off, the limits set, every descriptor above `last_fd` closed,
// the process dies with its parent, and before it when memory is short. Errors: `internal`.
Result<void> restrict_process(const ProcessLimits& limits, int last_fd);

// From now on what the process says on stderr is lost, because that is the server's log: neither a
// library nor whoever has taken over a decoder shall write there. Does nothing in sanitized builds,
// whose reports go there. Before the filter, which lets nothing be opened. Errors: `internal`.
Result<void> restrict_stderr();

// From now on a call outside the allow-list ends the process. Opening files and connecting sockets
// answers EACCES instead, because libraries look for a file or two and live without. No thread may
// exist yet that should stay free of it. Errors: `unavailable` when the kernel refuses.
Result<void> install_syscall_filter();

// Re-arms RLIMIT_CPU: the process may use `seconds` more than it has used by now, then SIGXCPU ends
// it. Works under the filter.
void allow_cpu(std::uint32_t seconds);

}  // namespace tintype

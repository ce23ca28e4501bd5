// The jobs that the test worker knows beside the real ones.
#pragma once

#include "imaging/worker_protocol.h"

namespace tintype {

// The answer's payload is "denied" or "allowed" unless stated.
enum class Misbehaviour : std::uint16_t {
  open_file = 0x8001,
  stat_file,
  connect_socket,
  fork_process,     // ends the worker
  execute_program,  // ends the worker
  trace_parent,     // ends the worker
  kill_itself,      // with SIGKILL; ends the worker
  write_executable_memory,
  crash,              // SIGSEGV
  abort_process,      // SIGABRT
  hang,               // sleeps for ever
  spin,               // computes for ever
  allocate,           // until there is no more; the payload is the number of megabytes
  run_thread,         // "allowed" when a thread could be started and joined
  send_nonsense,      // instead of an answer
  send_wrong_id,      // an answer to another job
  close_socket,       // and stays alive
  count_descriptors,  // the payload is the number of descriptors, those of the C library's included
  list_environment,   // the payload is the environment
  write_to_log,       // "allowed" when what it says on stderr goes anywhere
  be_traced,          // "allowed" when other processes of the user may; only without the filter
  list_loaders,       // the payload is the names of the loaders that libvips may use
  load_picture,       // the payload is the file; "allowed" when libvips opens it
  scribble,           // "allowed" when an output of an earlier job could be changed
};

inline Job misbehave(Misbehaviour what) {
  Job job;
  job.kind = static_cast<JobKind>(what);
  return job;
}

}  // namespace tintype

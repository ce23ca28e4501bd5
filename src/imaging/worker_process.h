// One worker process as its parent sees it: started, given jobs one at a time, ended and reaped.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "imaging/worker_protocol.h"

namespace tintype {

struct WorkerCommand {
  std::string program;
  std::vector<std::string> arguments;  // argv[1] and on
};

// What became of a job.
struct Exchange {
  enum class End {
    answered,   // the worker can take another job
    not_taken,  // the worker was dead before it got the job; another one can do it
    timed_out,  // the deadline passed; the worker is to be killed
    crashed,    // the worker ended, or sent nonsense; it is to be killed
    killed,     // somebody else has killed the worker; another one can do the job
  };
  End end = End::crashed;
  Result<std::string> answer = std::string();  // when answered
};

// Not thread-safe: one owner at a time.
class WorkerProcess {
 public:
  // Starts the program with an empty environment and waits until it says that it is ready. The
  // calling thread must live as long as the worker, which dies with it (PR_SET_PDEATHSIG). Errors:
  // `unavailable`.
  static Result<std::unique_ptr<WorkerProcess>> start(const WorkerCommand& command,
                                                      Deadline deadline);
  // Ends the worker: asks it by closing its socket, and kills it if it does not go at once.
  ~WorkerProcess();

  Exchange exchange(const Job& job, std::span<const int> fds, Deadline deadline);
  // Ends a worker that has timed out or crashed. Returns the signal that ended it, 0 when it exited
  // or nobody knows.
  int kill_and_wait();

  const Hello& hello() const { return hello_; }
  pid_t pid() const { return pid_; }  // nobody else's before the destructor returns
  std::uint32_t jobs() const { return jobs_; }
  std::uint64_t resident_bytes() const;

 private:
  WorkerProcess(pid_t pid, UniqueFd socket) : pid_(pid), socket_(std::move(socket)) {}
  bool wait_for_end(milliseconds patience);
  bool look_for_end(int options);

  pid_t pid_;
  UniqueFd socket_;
  Hello hello_;
  std::uint32_t jobs_ = 0;
  bool ended_ = false;
  int end_signal_ = 0;
};

}  // namespace tintype

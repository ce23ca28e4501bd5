// Who works: hands out idle workers, and has one thread that starts and ends them.
//
// All workers are started by that one thread because a worker dies with the thread that started it
// (PR_SET_PDEATHSIG), and a caller's thread may end at any time.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "imaging/worker_process.h"

namespace tintype {

struct RosterOptions {
  unsigned workers = 2;
  unsigned at_least = 1;  // kept alive even when nobody asks
  WorkerCommand command;
  bool sandbox_required = false;
  milliseconds start_timeout{10'000};
};

// Thread-safe.
class WorkerRoster {
 public:
  explicit WorkerRoster(RosterOptions options);
  ~WorkerRoster();

  // Waits for the first worker, or for the reason why it does not start.
  Result<Hello> wait_for_first();

  // An idle worker for the caller alone. Errors: `unavailable` when none comes free before the
  // deadline, and at once while starting them fails again and again.
  Result<std::unique_ptr<WorkerProcess>> acquire(Deadline deadline);
  // Every worker acquired comes back by one of these.
  void give_back(std::unique_ptr<WorkerProcess> worker);
  void retire(
      std::unique_ptr<WorkerProcess> worker);  // it will be ended; another may take its place

  // Fails while no worker is alive and starting one has failed.
  Result<void> check() const;
  std::vector<int> pids() const;
  std::uint64_t started() const;

 private:
  void keep();
  bool wants_worker() const;
  void start_one(std::unique_lock<std::mutex>& lock);
  void note_failure(const Error& error);
  Result<std::unique_ptr<WorkerProcess>> start_confined() const;

  const RosterOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable for_callers_;
  std::condition_variable for_keeper_;
  std::vector<std::unique_ptr<WorkerProcess>> idle_;  // the last one used is the first to be used
  std::vector<std::unique_ptr<WorkerProcess>> leaving_;
  std::set<pid_t> alive_;
  Hello hello_;  // of the last worker that started
  std::uint64_t started_ = 0;
  unsigned waiting_ = 0;
  unsigned failures_ = 0;  // starts that failed, since the last one that did not
  Error last_failure_;
  Deadline next_start_{};
  bool stopping_ = false;
  std::thread keeper_;
};

}  // namespace tintype

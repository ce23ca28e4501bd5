// GroupCommit: one thread that runs all writes, many of them in one transaction.
//
// Each piece of work runs in a savepoint of its own, so that one that fails leaves the others
// alone. A caller gets its result only after COMMIT has made it durable; when COMMIT fails, every
// caller of the group gets that error, and nothing of the group has happened. Threading: `run` may
// be called from any thread but the writer's own. Work runs on the writer's thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/embedded/sqlite.h"

namespace tintype {

class GroupCommit {
 public:
  using Work = std::function<Result<void>(SqliteConnection&)>;

  struct Options {
    std::size_t queue_limit = 4096;  // waiting writes; one more is `unavailable` at once
    std::size_t group_limit = 256;   // writes per transaction; bounds how long a commit takes
  };

  // Called on the writer's thread around each COMMIT, also for groups whose work all failed.
  struct Hooks {
    std::function<Result<void>(SqliteConnection&)> before_commit;
    std::function<void(bool committed)> after_commit;
  };

  // Takes the connection over; it must be open for writing and in no transaction.
  GroupCommit(SqliteConnection connection, Options options, Hooks hooks);
  // Finishes the waiting writes first. No `run` may be called any more.
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // Blocks until the work is durable or has failed. Errors: those of the work, those of COMMIT, and
  // `unavailable` when the queue is full.
  Result<void> run(Work work);

  std::uint64_t commits() const { return commits_; }  // transactions that were committed
  std::uint64_t writes() const { return writes_; }    // pieces of work in them
  bool last_commit_failed() const { return failing_; }

 private:
  struct Job;

  void loop();
  std::vector<Job*> take_group();
  void run_group(const std::vector<Job*>& group);
  Result<void> run_jobs(const std::vector<Job*>& group);
  Result<void> run_work(Job& job);
  Result<void> run_in_savepoint(Job& job);
  static void deliver(const std::vector<Job*>& group);

  SqliteConnection connection_;
  const Options options_;
  const Hooks hooks_;
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<bool> failing_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job*> queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace tintype

#include "adapters/embedded/group_commit.h"

#include <algorithm>

namespace tintype {

// One caller's write; lives on the caller's stack while it waits.
struct GroupCommit::Job {
  explicit Job(Work w) : work(std::move(w)) {}

  void finish() {
    std::lock_guard lock(mutex);
    done = true;
    ready.notify_one();  // under the lock: the caller destroys the job as soon as it wakes
  }
  void wait() {
    std::unique_lock lock(mutex);
    ready.wait(lock, [this] { return done; });
  }

  Work work;
  Result<void> result;
  std::mutex mutex;
  std::condition_variable ready;
  bool done = false;
};

GroupCommit::GroupCommit(SqliteConnection connection, Options options, Hooks hooks)
    : connection_(std::move(connection)), options_(options), hooks_(std::move(hooks)) {
  thread_ = std::thread([this] { loop(); });
}

GroupCommit::~GroupCommit() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> GroupCommit::run(Work work) {
  Job job(std::move(work));
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.queue_limit)
      return unavailable_error("Too many writes are waiting.");
    queue_.push_back(&job);
  }
  wake_.notify_one();
  job.wait();
  return std::move(job.result);
}

void GroupCommit::loop() {
  for (;;) {
    const auto group = take_group();
    if (group.empty()) return;
    run_group(group);
    deliver(group);
  }
}

// Empty when the thread is to stop.
std::vector<GroupCommit::Job*> GroupCommit::take_group() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.group_limit));
  std::vector<Job*> group(queue_.begin(), queue_.begin() + count);
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return group;
}

void GroupCommit::run_group(const std::vector<Job*>& group) {
  const auto committed = run_jobs(group);
  if (!committed.ok()) {
    if (connection_.in_transaction()) (void)connection_.execute("ROLLBACK");
    for (Job* job : group) job->result = committed.error();
  } else {
    ++commits_;
    writes_ += group.size();
  }
  failing_ = !committed.ok();
  hooks_.after_commit(committed.ok());
}

Result<void> GroupCommit::run_jobs(const std::vector<Job*>& group) {
  TRY(connection_.run("BEGIN IMMEDIATE"));
  for (Job* job : group) {
    job->result = run_in_savepoint(*job);
    // SQLite gives up the whole transaction after some errors, a full disk among them.
    if (!connection_.in_transaction())
      return job->result.ok() ? Result<void>(internal_error("metadata store: transaction lost"))
                              : job->result;
  }
  TRY(hooks_.before_commit(connection_));
  return connection_.run("COMMIT");
}

// The writer's thread must outlive a job that finds no memory.
Result<void> GroupCommit::run_work(Job& job) try {
  return job.work(connection_);
} catch (const std::exception& error) {
  return unavailable_error(std::string("metadata store: ") + error.what());
}

Result<void> GroupCommit::run_in_savepoint(Job& job) {
  TRY(connection_.run("SAVEPOINT job"));
  auto result = run_work(job);
  if (!connection_.in_transaction()) return result;
  if (!result.ok()) TRY(connection_.run("ROLLBACK TO job"));
  TRY(connection_.run("RELEASE job"));
  return result;
}

void GroupCommit::deliver(const std::vector<Job*>& group) {
  for (Job* job : group) job->finish();
}

}  // namespace tintype

#include "imaging/worker_roster.h"

#include <algorithm>

namespace tintype {
namespace {

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{30'000};
// One failed start may be bad luck; callers wait for the next try. Two are a broken installation.
constexpr unsigned kPatientFailures = 1;

milliseconds pause_after(unsigned failures) {
  return std::min(kFirstPause * (1 << std::min(failures - 1, 12u)), kLongestPause);
}

}  // namespace

WorkerRoster::WorkerRoster(RosterOptions options)
    : options_(std::move(options)), keeper_([this] { keep(); }) {}

WorkerRoster::~WorkerRoster() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for_keeper_.notify_all();
  for_callers_.notify_all();
  keeper_.join();
}

Result<Hello> WorkerRoster::wait_for_first() {
  std::unique_lock lock(mutex_);
  for_callers_.wait(lock, [&] { return started_ > 0 || failures_ > 0; });
  if (started_ == 0) return last_failure_;
  return hello_;
}

Result<std::unique_ptr<WorkerProcess>> WorkerRoster::acquire(Deadline deadline) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  for_keeper_.notify_one();
  auto hopeless = [&] { return alive_.empty() && failures_ > kPatientFailures; };
  bool woken = for_callers_.wait_until(lock, deadline,
                                       [&] { return !idle_.empty() || hopeless() || stopping_; });
  --waiting_;
  if (!woken) return unavailable_error("no imaging worker came free in time");
  if (idle_.empty()) return last_failure_;
  auto worker = std::move(idle_.back());
  idle_.pop_back();
  return worker;
}

void WorkerRoster::give_back(std::unique_ptr<WorkerProcess> worker) {
  {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(worker));
  }
  for_callers_.notify_one();
}

void WorkerRoster::retire(std::unique_ptr<WorkerProcess> worker) {
  {
    std::lock_guard lock(mutex_);
    alive_.erase(worker->pid());
    leaving_.push_back(std::move(worker));
  }
  for_keeper_.notify_one();
}

Result<void> WorkerRoster::check() const {
  std::lock_guard lock(mutex_);
  if (alive_.empty() && failures_ > 0) return last_failure_;
  return {};
}

std::vector<int> WorkerRoster::pids() const {
  std::lock_guard lock(mutex_);
  return {alive_.begin(), alive_.end()};
}

std::uint64_t WorkerRoster::started() const {
  std::lock_guard lock(mutex_);
  return started_;
}

bool WorkerRoster::wants_worker() const {
  if (alive_.size() >= options_.workers) return false;
  return alive_.size() < options_.at_least || waiting_ > idle_.size();
}

// The pool's own thread, from beginning to end.
void WorkerRoster::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!leaving_.empty()) {
      auto leaving = std::move(leaving_);
      leaving_.clear();
      lock.unlock();
      leaving.clear();  // waits for each process
      lock.lock();
    } else if (!wants_worker()) {
      for_keeper_.wait(lock);
    } else if (!has_passed(next_start_)) {
      for_keeper_.wait_until(lock, next_start_);
    } else {
      start_one(lock);
    }
  }
  // Workers die with this thread, so they are ended in good order before it.
  auto idle = std::move(idle_);
  auto leaving = std::move(leaving_);
  idle_.clear();
  leaving_.clear();
  alive_.clear();
  lock.unlock();
  idle.clear();
  leaving.clear();
}

void WorkerRoster::start_one(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  auto worker = start_confined();
  lock.lock();
  if (worker) {
    failures_ = 0;
    ++started_;
    hello_ = (*worker)->hello();
    alive_.insert((*worker)->pid());
    idle_.push_back(std::move(*worker));
  } else {
    note_failure(worker.error());
  }
  for_callers_.notify_all();
}

void WorkerRoster::note_failure(const Error& error) {
  ++failures_;
  last_failure_ = error;
  next_start_ = deadline_in(pause_after(failures_));
}

Result<std::unique_ptr<WorkerProcess>> WorkerRoster::start_confined() const {
  auto worker = TRY(WorkerProcess::start(options_.command, deadline_in(options_.start_timeout)));
  if (options_.sandbox_required && worker->hello().sandbox != SandboxStatus::active)
    return unavailable_error("the sandbox is required, but " + worker->hello().reason);
  return worker;
}

}  // namespace tintype

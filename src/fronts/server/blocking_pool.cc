#include "fronts/server/blocking_pool.h"

#include <signal.h>

namespace tintype {

BlockingPool::BlockingPool(const Options& options) : options_(options) {}

BlockingPool::~BlockingPool() {
  std::unique_lock lock(mutex_);
  closing_ = true;
  wake_.notify_all();
  all_ended_.wait(lock, [this] { return alive_ == 0; });
  for (pthread_t thread : ended_) pthread_join(thread, nullptr);
}

bool BlockingPool::has_room() const {
  std::lock_guard lock(mutex_);
  return idle_ > 0 || alive_ < options_.max_threads || queue_.size() < options_.queue_limit;
}

void BlockingPool::submit(std::unique_ptr<Job> job) {
  std::unique_lock lock(mutex_);
  queue_.push_back(std::move(job));
  if (queue_.size() > idle_ && alive_ < options_.max_threads && start_thread()) return;
  if (alive_ > 0) {
    lock.unlock();
    wake_.notify_one();
    return;
  }
  // Not one thread can be had: better slowly, on the caller's thread, than never.
  std::unique_ptr<Job> last = std::move(queue_.back());
  queue_.pop_back();
  lock.unlock();
  last->run();
}

unsigned BlockingPool::threads() const {
  std::lock_guard lock(mutex_);
  return alive_;
}

bool BlockingPool::start_thread() {
  for (pthread_t thread : ended_) pthread_join(thread, nullptr);  // they hold no lock any more
  ended_.clear();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, options_.stack_bytes);
  // Signals are for the threads that wait for them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, &thread_main, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (started) ++alive_;
  return started;
}

void* BlockingPool::thread_main(void* self) {
  pthread_setname_np(pthread_self(), "blocking");
  static_cast<BlockingPool*>(self)->work();
  return nullptr;
}

void BlockingPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (queue_.empty()) {
      if (closing_) break;
      ++idle_;
      const bool worked =
          wake_.wait_for(lock, options_.idle, [this] { return closing_ || !queue_.empty(); });
      --idle_;
      if (!worked) break;
      continue;
    }
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job->run();
    job.reset();
    lock.lock();
  }
  ended_.push_back(pthread_self());
  if (--alive_ == 0) all_ended_.notify_all();
}

}  // namespace tintype

// BlockingPool: the bounded threads on which everything runs that may wait for a disk or a network.
//
// Threads start when work finds none idle, up to the limit, and end after some time without work.
// Thread-safe. The destructor runs what is queued and joins every thread.
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace tintype {

class BlockingPool {
 public:
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run() = 0;  // must not throw
  };

  struct Options {
    unsigned max_threads = 16;
    std::size_t queue_limit = 256;  // advice for has_room()
    std::chrono::milliseconds idle{10'000};
    std::size_t stack_bytes = 512 * 1024;
  };

  explicit BlockingPool(const Options& options);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Whether a new request may be admitted. Asked before submit(), which itself never refuses: a
  // request that was admitted once may go on, so the queue holds at most one job per connection.
  bool has_room() const;
  void submit(std::unique_ptr<Job> job);

  unsigned threads() const;  // alive now

 private:
  static void* thread_main(void* self);
  void work();
  bool start_thread();  // with the lock held

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<pthread_t> ended_;  // returned or about to, not yet joined
  unsigned alive_ = 0;
  unsigned idle_ = 0;
  bool closing_ = false;
  std::condition_variable all_ended_;
};

}  // namespace tintype

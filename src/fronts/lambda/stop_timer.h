// StopTimer: a flag that becomes true at a time, for work that is told by a flag to end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace tintype {

// Has a thread of its own for as long as it lives, unless the time is Deadline::max().
class StopTimer {
 public:
  explicit StopTimer(Deadline at) {
    stop_ = has_passed(at);
    if (at != Deadline::max()) thread_ = std::thread([this, at] { wait(at); });
  }
  ~StopTimer() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  StopTimer(const StopTimer&) = delete;
  StopTimer& operator=(const StopTimer&) = delete;

  const std::atomic<bool>& stop() const { return stop_; }

 private:
  void wait(Deadline at) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_until(lock, at, [this] { return ended_; })) stop_ = true;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last, so that it sees everything above
};

}  // namespace tintype

// JanitorRunner: runs the janitor at an interval, on a thread of its own, and logs what it did.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/completion_queue.h"
#include "services/janitor.h"

namespace tintype {

struct JanitorSchedule {
  milliseconds interval = seconds(60);
  // Between two walks over all objects and records; the first comes one interval after the start.
  milliseconds reconcile_interval = std::chrono::hours(24);
  JanitorPolicy policy;
};

class JanitorRunner {
 public:
  JanitorRunner(const ServiceContext& context, CompletionQueue& queue,
                const JanitorSchedule& schedule);
  // Stops at the next record and waits for the thread.
  ~JanitorRunner();
  JanitorRunner(const JanitorRunner&) = delete;
  JanitorRunner& operator=(const JanitorRunner&) = delete;

 private:
  void run();
  void tick(bool look_for_arrived);
  void reconcile_now();

  const ServiceContext& context_;
  CompletionQueue& queue_;
  const JanitorSchedule schedule_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace tintype

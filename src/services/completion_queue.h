// CompletionQueue: finishes uploads in the background, soon after their bytes have arrived.
//
// Threading: `push` from any thread, never blocking. Destruction waits for the jobs under way and
// drops those that wait; complete_arrived (services/janitor.h) finds them again.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "services/service_context.h"

namespace tintype {

class CompletionQueue {
 public:
  CompletionQueue(const ServiceContext& context, std::size_t threads, std::size_t capacity);
  ~CompletionQueue();
  CompletionQueue(const CompletionQueue&) = delete;
  CompletionQueue& operator=(const CompletionQueue&) = delete;

  // False when the queue is full; an image that waits already is not queued twice.
  bool push(const ImageId& id);
  // True once after a push was refused: the janitor then looks for what was missed.
  bool take_overflow();

 private:
  bool complete(const ImageId& id) noexcept;
  void run();

  const ServiceContext& context_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ImageId> waiting_;
  std::unordered_set<ImageId> known_;
  bool overflow_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tintype

#include "services/completion_queue.h"

#include "services/complete_upload.h"

namespace tintype {

CompletionQueue::CompletionQueue(const ServiceContext& context, std::size_t threads,
                                 std::size_t capacity)
    : context_(context), capacity_(capacity) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

CompletionQueue::~CompletionQueue() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool CompletionQueue::push(const ImageId& id) {
  {
    std::lock_guard lock(mutex_);
    if (known_.contains(id)) return true;
    if (waiting_.size() >= capacity_) {
      overflow_ = true;
      return false;
    }
    waiting_.push_back(id);
    known_.insert(id);
  }
  wake_.notify_one();
  return true;
}

bool CompletionQueue::take_overflow() {
  std::lock_guard lock(mutex_);
  return std::exchange(overflow_, false);
}

// False when the janitor has to try again: a worker was not to be had, a store was out of order, or
// there was no memory.
bool CompletionQueue::complete(const ImageId& id) noexcept try {
  auto done = complete_upload(context_, id, deadline_in(context_.upload.background_timeout));
  return done.ok() || done.error().is(ErrorKind::not_found);
} catch (...) {
  return false;
}

void CompletionQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    ImageId id = waiting_.front();
    waiting_.pop_front();
    known_.erase(id);
    lock.unlock();
    bool settled = complete(id);
    lock.lock();
    if (!settled) overflow_ = true;
  }
}

}  // namespace tintype

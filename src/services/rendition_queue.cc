#include "services/rendition_queue.h"

namespace tintype {
namespace {

// Then all are forgotten and may be tried again.
constexpr std::size_t kMaxFutile = 4096;

bool succeeds(const RenditionQueue::Job& job) noexcept try { return job(); } catch (...) {
  return false;
}

}  // namespace

RenditionQueue::~RenditionQueue() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RenditionQueue::push(const std::string& key, Job job) {
  std::lock_guard lock(mutex_);
  if (waiting_.size() >= capacity_ || known_.contains(key) || futile_.contains(key)) return;
  if (!thread_.joinable() && !start()) return;
  waiting_.push_back({key, std::move(job)});
  known_.insert(key);
  wake_.notify_one();
}

bool RenditionQueue::start() noexcept try {
  thread_ = std::thread([this] { run(); });
  return true;
} catch (const std::system_error&) {
  return false;  // out of threads: another push tries again
}

void RenditionQueue::give_up(const std::string& key) {
  std::lock_guard lock(mutex_);
  remember_futile(key);
}

bool RenditionQueue::is_given_up(const std::string& key) const {
  std::lock_guard lock(mutex_);
  return futile_.contains(key);
}

void RenditionQueue::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return known_.empty(); });
}

void RenditionQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const bool done = succeeds(next.job);
    lock.lock();
    if (!done) remember_futile(next.key);
    known_.erase(next.key);
    if (known_.empty()) idle_.notify_all();
  }
}

void RenditionQueue::remember_futile(const std::string& key) {
  if (futile_.size() >= kMaxFutile) futile_.clear();
  futile_.insert(key);
}

}  // namespace tintype

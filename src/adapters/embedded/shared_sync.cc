#include "adapters/embedded/shared_sync.h"

namespace tintype {

Result<void> SharedSync::run(const std::string& name, const std::function<Result<void>()>& sync) {
  std::unique_lock lock(mutex_);
  Lane& lane = lanes_[name];
  ++lane.users;
  if (!lane.waiting) lane.waiting = std::make_shared<Batch>();
  const std::shared_ptr<Batch> batch = lane.waiting;
  lane.changed.wait(lock, [&] { return batch->done || !lane.busy; });
  if (!batch->done) {  // whoever wakes first leads
    lane.busy = true;
    lane.waiting.reset();
    lock.unlock();
    auto result = sync();
    lock.lock();
    batch->result = std::move(result);
    batch->done = true;
    lane.busy = false;
    lane.changed.notify_all();
  }
  Result<void> result = batch->result;
  if (--lane.users == 0) lanes_.erase(name);
  return result;
}

}  // namespace tintype

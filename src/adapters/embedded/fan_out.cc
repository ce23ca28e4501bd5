#include "adapters/embedded/fan_out.h"

#include <cerrno>

namespace tintype {
namespace {
constexpr mode_t kFolderMode = 0750;
}

FanOut::FanOut(BucketFolder bucket)
    : bucket_(bucket), ready_(std::make_unique<std::atomic<bool>[]>(kFanOutFolders)) {}

std::unique_lock<std::mutex> FanOut::lock(FolderIndex folder) {
  return std::unique_lock(stripes_[folder % kStripes]);
}

Result<void> FanOut::ensure(FolderIndex folder) {
  if (ready_[folder].load(std::memory_order_acquire)) return {};
  std::lock_guard lock(making_);
  if (ready_[folder].load(std::memory_order_relaxed)) return {};
  return make(folder);
}

Result<void> FanOut::make(FolderIndex folder) {
  TRY(make_one(folder_parent(folder), "."));
  TRY(make_one(folder_path(folder), folder_parent(folder)));
  ready_[folder].store(true, std::memory_order_release);
  return {};
}

// A folder that exists is durable: it was there at the start, or was synced below.
Result<void> FanOut::make_one(const std::string& path, const std::string& parent) {
  const int made = bucket_.fs.make_dir_at(bucket_.fd, path, kFolderMode);
  if (made == -EEXIST) return {};
  if (made < 0) return system_error("make a folder", -made);
  auto synced = sync_folder(bucket_, parent);
  if (!synced.ok()) bucket_.fs.remove_dir_at(bucket_.fd, path);
  return synced;
}

}  // namespace tintype

#include "adapters/embedded/fan_out.h"

#include <cerrno>
#include <functional>

namespace tintype {
namespace {

constexpr mode_t kFolderMode = 0750;

Result<void> make_folder(BucketFolder bucket, const std::string& path) {
  const int made = bucket.fs.make_dir_at(bucket.fd, path, kFolderMode);
  if (made < 0 && made != -EEXIST) return system_error("make a folder", -made);
  return {};
}

}  // namespace

FanOut::FanOut(BucketFolder bucket)
    : bucket_(bucket), state_(std::make_unique<std::atomic<State>[]>(kFanOutFolders)) {}

Result<void> FanOut::prepare() {
  for (FolderIndex first = 0; first < kNestedFolders; first += 256) {
    TRY(make_folder(bucket_, folder_parent(first)));
  }
  TRY(make_folder(bucket_, std::string(kFlatFolder)));
  for (FolderIndex folder = kNestedFolders; folder < kFanOutFolders; ++folder) {
    TRY(make_folder(bucket_, folder_path(folder)));
    state_[folder] = State::durable;
  }
  return {};
}

std::unique_lock<std::mutex> FanOut::lock(const ObjectPath& path) {
  return std::unique_lock(stripes_[std::hash<std::string>()(path.name) % kStripes]);
}

Result<void> FanOut::ensure(FolderIndex folder) {
  const State state = state_[folder].load();
  if (state == State::durable || state == State::made) return {};
  std::lock_guard lock(making_);
  return make(folder);
}

// A folder that exists although this object has not made it was there when the store was opened,
// and has been durable since.
Result<void> FanOut::make(FolderIndex folder) {
  const State state = state_[folder].load();
  if (state == State::durable || state == State::made) return {};
  const std::string path = folder_path(folder);
  // An entry that could not be synced is made anew: syncing it again would prove nothing.
  if (state == State::doubtful) bucket_.fs.remove_dir_at(bucket_.fd, path);
  const int made = bucket_.fs.make_dir_at(bucket_.fd, path, kFolderMode);
  if (made < 0 && made != -EEXIST) return system_error("make a folder", -made);
  const bool was_there = made == -EEXIST && state == State::unknown;
  state_[folder] = was_there ? State::durable : State::made;
  return {};
}

void FanOut::leave_unsynced(FolderIndex folder) {
  std::lock_guard lock(unsynced_mutex_);
  ++unsynced_[folder];
}

std::uint64_t FanOut::unsynced(FolderIndex folder) {
  std::lock_guard lock(unsynced_mutex_);
  const auto found = unsynced_.find(folder);
  return found == unsynced_.end() ? 0 : found->second;
}

Result<void> FanOut::sync(FolderIndex folder) {
  const std::uint64_t covered = unsynced(folder);
  const std::string path = folder_path(folder);
  TRY(syncs_.run(path, [&] { return sync_folder(bucket_, path); }));
  if (covered != 0) {
    std::lock_guard lock(unsynced_mutex_);
    const auto found = unsynced_.find(folder);
    if (found != unsynced_.end() && found->second == covered) unsynced_.erase(found);
  }
  return sync_entry(folder);
}

Result<void> FanOut::settle(FolderIndex folder) {
  return unsynced(folder) == 0 ? Result<void>{} : sync(folder);
}

Result<void> FanOut::sync_entry(FolderIndex folder) {
  if (state_[folder].load() == State::durable) return {};
  const std::string parent = folder_parent(folder);
  auto synced = syncs_.run(parent, [&] { return sync_folder(bucket_, parent); });
  std::lock_guard lock(making_);
  if (!synced.ok()) state_[folder] = State::doubtful;
  if (state_[folder].load() == State::doubtful) {
    return synced.ok() ? internal_error("the sync of a new folder has failed before") : synced;
  }
  state_[folder] = State::durable;
  return {};
}

}  // namespace tintype

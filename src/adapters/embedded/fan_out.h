// FanOut: the folders of a bucket, and the locks and syncs of what changes in them.
//
// The 256 folders of the first level and the 256 of `flat` are made when the store is opened; the
// others when first needed, and made durable together with the first name that comes into them.
// Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "adapters/embedded/durable_file.h"
#include "adapters/embedded/file_layout.h"
#include "adapters/embedded/shared_sync.h"
#include "base/result.h"

namespace tintype {

class FanOut final : public NameSync {
 public:
  // `bucket` must outlive this object. Between `prepare` and the first `sync`, the caller makes
  // durable what lies in the bucket.
  explicit FanOut(BucketFolder bucket);

  // Makes the folders that are always there.
  Result<void> prepare();
  // Makes the folder when it is missing; the next `sync` makes it durable.
  Result<void> ensure(FolderIndex folder);

  // Makes every change of a name in the folder durable, and the folder itself. Callers that come
  // while a sync runs share the next one.
  Result<void> sync(FolderIndex folder) override;
  // Notes a change of a name that nobody waits for. The next `sync` or `settle` covers it.
  void leave_unsynced(FolderIndex folder);
  // Does nothing, or syncs the folder when a change in it was left unsynced.
  Result<void> settle(FolderIndex folder);

  // Held while the name changes and until that is durable, so that a change that must be taken back
  // never takes back another's, and nobody builds on a change that is not yet durable.
  std::unique_lock<std::mutex> lock(const ObjectPath& path);

 private:
  // `made`: its entry in the parent is not durable yet; `doubtful`: syncing that entry failed.
  enum class State : std::uint8_t { unknown, made, doubtful, durable };
  Result<void> make(FolderIndex folder);
  std::uint64_t unsynced(FolderIndex folder);
  Result<void> sync_entry(FolderIndex folder);

  static constexpr std::size_t kStripes = 1024;
  BucketFolder bucket_;
  std::array<std::mutex, kStripes> stripes_;  // by the hash of the name
  std::mutex making_;
  std::unique_ptr<std::atomic<State>[]> state_;  // by FolderIndex; set under making_
  std::mutex unsynced_mutex_;
  std::map<FolderIndex, std::uint64_t> unsynced_;  // how many changes were left so
  SharedSync syncs_;
};

}  // namespace tintype

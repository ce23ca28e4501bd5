// FanOut: the 65536 folders of a bucket, made when first needed and durable before they are used,
// and one lock for each stripe of them.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "adapters/embedded/durable_file.h"
#include "adapters/embedded/file_layout.h"
#include "base/result.h"

namespace tintype {

class FanOut {
 public:
  // `bucket` must outlive this object, and what lies in it must be durable already.
  explicit FanOut(BucketFolder bucket);

  // Makes the folder and syncs its parents when it is new. Any thread.
  Result<void> ensure(FolderIndex folder);
  // Held while a name of the folder changes and until that is durable, so that a change that must
  // be taken back never takes back another's, and nobody builds on a change that is not yet
  // durable.
  std::unique_lock<std::mutex> lock(FolderIndex folder);

 private:
  Result<void> make(FolderIndex folder);
  Result<void> make_one(const std::string& path, const std::string& parent);

  static constexpr std::size_t kStripes = 256;
  BucketFolder bucket_;
  std::array<std::mutex, kStripes> stripes_;
  std::mutex making_;
  std::unique_ptr<std::atomic<bool>[]> ready_;  // by FolderIndex; set under making_
};

}  // namespace tintype

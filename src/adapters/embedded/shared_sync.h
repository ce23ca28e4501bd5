// SharedSync: group commit for fsync. Callers that ask for the same thing while it is being synced
// wait and share one sync that starts afterwards, instead of making one each. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace tintype {

class SharedSync {
 public:
  // Returns when a run of `sync` for `name` has ended that began after this call, and its result.
  // All callers with one name must pass a function that does the same.
  Result<void> run(const std::string& name, const std::function<Result<void>()>& sync);

 private:
  // One sync and all who share it.
  struct Batch {
    bool done = false;
    Result<void> result;
  };
  struct Lane {
    std::shared_ptr<Batch> waiting;  // not begun: may still be joined
    bool busy = false;               // a batch runs
    int users = 0;                   // the lane goes with the last
    std::condition_variable changed;
  };

  std::mutex mutex_;
  std::map<std::string, Lane> lanes_;
};

}  // namespace tintype

// DataLock: this process alone uses a data folder, for as long as the lock lives. It is an flock on
// `<folder>/lock`, which the kernel releases with the process, however that ends.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tintype {

class DataLock {
 public:
  // Makes the folder, and those above it, when missing. Errors, each with one sentence for the
  // operator as its detail: `conflict` with code `data_in_use`; `internal` (cannot be made, not a
  // folder, read-only, no permission); `storage_full`.
  static Result<DataLock> acquire(const std::string& folder);

 private:
  explicit DataLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace tintype

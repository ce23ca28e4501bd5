// The descriptors of a job: what a worker may read, and what it wrote.
//
// An output is an anonymous file that the pool makes and a worker fills. What comes back of it
// cannot be changed by the worker any more, even if it kept the descriptor or a mapping.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ports/image_engine.h"

namespace tintype {

// The input as workers get it: a descriptor that can only be read.
class JobInput {
 public:
  // The source's descriptor stays the caller's and must outlive this. Errors: `internal` when the
  // file is shorter than the source says or cannot be looked at.
  static Result<JobInput> open(const ImageSource& source);
  int fd() const { return reopened_ ? reopened_.get() : given_; }

 private:
  explicit JobInput(int given) : given_(given) {}
  int given_;
  UniqueFd reopened_;
};

// An empty file in memory that can be sealed. Errors: `unavailable`, `internal`.
Result<UniqueFd> make_output();

// Makes an output what it was before a worker got it. The worker is no more. Errors: `internal`
// when it has sealed the file.
Result<void> empty_output(int fd);

// A descriptor of its own, only for reading, of the first `size` bytes of `output`, which nobody
// can change from now on: sealed, or copied where a worker has seen to it that sealing fails.
// Errors: `corrupt_image` when there are fewer bytes than `size`; else as system_error().
Result<UniqueFd> take_output(UniqueFd output, std::uint64_t size);

}  // namespace tintype

// A pool of real worker processes, and files for it to look into.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/unique_fd.h"
#include "imaging/worker_pool.h"

namespace tintype {

inline WorkerPoolOptions test_options() {
  WorkerPoolOptions options;
  options.program = TINTYPE_TEST_WORKER;
  return options;
}

inline std::unique_ptr<WorkerPool> make_pool(WorkerPoolOptions options = test_options()) {
  auto pool = WorkerPool::create(std::move(options));
  EXPECT_TRUE(pool.ok()) << pool.error().detail;
  return pool.ok() ? std::move(*pool) : nullptr;
}

inline UniqueFd file_of(std::string_view bytes) {
  UniqueFd fd(memfd_create("test image", MFD_CLOEXEC));
  EXPECT_EQ(write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return fd;
}

inline Result<ImageFacts> inspect_bytes(WorkerPool& pool, std::string_view bytes,
                                        const Limits& limits = {},
                                        Deadline deadline = deadline_in(seconds(60))) {
  UniqueFd fd = file_of(bytes);
  return pool.inspect({fd.get(), bytes.size()}, limits, deadline);
}

// The failure's code, or "ok".
inline std::string outcome(const Result<ImageFacts>& result) {
  return result.ok() ? "ok" : result.error().code;
}

}  // namespace tintype

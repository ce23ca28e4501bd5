// WorkerPool: the ImageEngine that keeps N sandboxed worker processes.
//
// Threading: any thread may call anything but the destructor, which waits for nobody: no call may
// be running. Each call runs on its caller's thread and has one worker to itself; one thread of the
// pool starts and ends workers.
//
// A worker costs what it costs when it is there: about 10 MB. With `eager` off, workers are started
// when they are first needed, after one that create() starts to see that it works (not with
// `lazy`).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "imaging/own_program.h"
#include "imaging/worker_protocol.h"
#include "ports/image_engine.h"

namespace tintype {

enum class SandboxPolicy : std::uint8_t {
  automatic,  // as far as the kernel allows; sandbox_status() says how far
  required,   // workers that cannot be confined do not start
  off,        // limits and descriptors only, no system call filter
};

// A worker that did not live to answer: something to look at, whoever is to blame.
struct WorkerLoss {
  int signal = 0;  // that ended it; 0 when it ended by itself
  bool timed_out = false;
  std::uint64_t file_bytes = 0;  // of the file that it worked on
};

struct WorkerPoolOptions {
  unsigned workers = 2;
  bool eager = false;  // start all workers at once, not when they are needed
  bool lazy = false;   // start none before the first job, and let create() succeed without one
  SandboxPolicy sandbox = SandboxPolicy::automatic;
  std::string program = own_program();       // called with `imaging-worker` as its first argument
  std::uint64_t worker_memory = 2ull << 30;  // address space of a worker; 0 is no limit
  std::uint32_t cpu_seconds = 30;            // of one job
  // Of one job; one that outlasts it is `processing_timeout`. A deadline that ends it earlier is
  // `timeout`: the file has not had its time.
  std::chrono::milliseconds job_timeout{30'000};
  std::chrono::milliseconds start_timeout{10'000};
  std::uint32_t jobs_per_worker = 5000;        // then it is replaced
  std::uint64_t recycle_above = 160ull << 20;  // bytes resident after a job; then it is replaced
  // Bytes that all jobs at once may be predicted to take (memory_estimate.h); 0 is half of the
  // memory there is for this process.
  std::uint64_t memory_budget = 0;
  std::uint32_t queue = 64;  // jobs that may wait for memory or a worker; more are refused
  RenderPolicy policy;
  // Told of each loss, on the thread of the call that met it.
  std::function<void(const WorkerLoss&)> on_loss = [](const WorkerLoss&) {};
};

// For the log, /readyz and tests.
struct WorkerPoolStats {
  std::uint64_t started = 0;
  std::uint64_t crashed = 0;  // ended by a file, killed, or found dead
  std::uint64_t timed_out = 0;
  std::uint64_t recycled = 0;
  std::uint32_t waiting = 0;  // jobs, for memory or a worker
  std::vector<int> pids;      // of all workers that are alive
};

class WorkerPool final : public ImageEngine {
 public:
  // Starts the first worker, unless `lazy`. Errors: `unavailable` when it does not start, or when
  // the sandbox is required and refused.
  static Result<std::unique_ptr<WorkerPool>> create(WorkerPoolOptions options);
  ~WorkerPool() override;

  Result<Examination> examine(const ImageSource& source,
                              const std::vector<RenditionSpec>& renditions, const Limits& limits,
                              Deadline deadline) override;
  Result<std::vector<RenderedImage>> render(const ImageSource& source, const ImageFacts& facts,
                                            const std::vector<RenditionSpec>& specs,
                                            const Limits& limits, Deadline deadline) override;
  // Fails while workers cannot be started.
  Result<void> check() override;

  // Runs any job in a worker, once there is room for the `bytes` of memory that it is predicted to
  // take: `job.id` and `job.cpu_seconds` are filled in here; `fds` are the input and the outputs,
  // which stay the caller's. Errors: as ImageEngine's.
  Result<std::string> run(Job job, const std::vector<int>& fds, Deadline deadline,
                          std::uint64_t bytes = 0);

  // What the first worker said; `off` until there is one.
  SandboxStatus sandbox_status() const;
  std::string sandbox_reason() const;  // why it was refused, else empty
  bool has_heic() const;
  WorkerPoolStats stats() const;

 private:
  struct State;
  struct Errand;
  Result<std::string> run_errand(const Errand& errand, const std::vector<RenditionSpec>& specs,
                                 const std::vector<UniqueFd>& outputs, Deadline deadline);
  explicit WorkerPool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tintype

#include "imaging/worker_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "imaging/failures.h"
#include "imaging/worker_roster.h"

namespace tintype {
namespace {

// A worker that was found dead costs one more try; more in a row mean that something kills them.
constexpr int kTries = 3;

std::string_view policy_word(SandboxPolicy policy) {
  switch (policy) {
    case SandboxPolicy::automatic: return "auto";
    case SandboxPolicy::required: return "required";
    case SandboxPolicy::off: return "off";
  }
  return "required";
}

RosterOptions roster_options(const WorkerPoolOptions& options) {
  RosterOptions roster;
  roster.workers = std::max(1u, options.workers);
  roster.at_least = options.eager ? roster.workers : 1;
  roster.command.program = options.program;
  roster.command.arguments = {"imaging-worker",
                              "--sandbox=" + std::string(policy_word(options.sandbox)),
                              "--memory=" + std::to_string(options.worker_memory)};
  roster.sandbox_required = options.sandbox == SandboxPolicy::required;
  roster.start_timeout = options.start_timeout;
  return roster;
}

// What the file's owner is told about a worker's death.
Error death_certificate(int status) {
  if (!WIFSIGNALED(status)) return corrupt_image("The decoder gave up on the file.");
  int number = WTERMSIG(status);
  if (number == SIGXCPU)
    return processing_timeout("Decoding took longer than its CPU time budget.");
  return corrupt_image("The decoder crashed on the file or ran out of memory (signal " +
                       std::to_string(number) + ").");
}

// A descriptor that can only be read: workers get no other. Opens the file again when needed.
Result<UniqueFd> read_only(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return system_error("looking at the image file", errno);
  if ((flags & O_ACCMODE) == O_RDONLY) return UniqueFd();
  std::string path = "/proc/self/fd/" + std::to_string(fd);
  UniqueFd copy(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!copy) return system_error("opening the image file again", errno);
  return copy;
}

Result<void> check_size(const ImageSource& source) {
  struct stat info {};
  if (fstat(source.fd, &info) != 0) return system_error("looking at the image file", errno);
  if (static_cast<std::uint64_t>(info.st_size) < source.size)
    return internal_error("the image file is shorter than its record says");
  return {};
}

ImageFacts to_facts(InspectAnswer answer) {
  ImageFacts facts = std::move(answer.facts);
  facts.exif_json = camera_json(answer.camera);
  if (answer.location) facts.location_json = location_json(*answer.location);
  return facts;
}

}  // namespace

struct WorkerPool::State {
  explicit State(WorkerPoolOptions o) : options(std::move(o)), roster(roster_options(options)) {}

  // One try: an answer, a failure of the file, or nothing when the worker never got the job.
  std::optional<Result<std::string>> attempt(const Job& job, const std::vector<int>& fds,
                                             Deadline deadline);
  void put_back(std::unique_ptr<WorkerProcess> worker);

  const WorkerPoolOptions options;
  Hello first_hello;
  std::atomic<std::uint64_t> next_id{1};
  std::atomic<std::uint64_t> crashed{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> recycled{0};
  WorkerRoster roster;  // last, so that its thread sees everything above
};

std::optional<Result<std::string>> WorkerPool::State::attempt(const Job& job,
                                                              const std::vector<int>& fds,
                                                              Deadline deadline) {
  auto acquired = roster.acquire(deadline);
  if (!acquired) return Result<std::string>(std::move(acquired).error());
  std::unique_ptr<WorkerProcess> worker = std::move(*acquired);
  if (has_passed(deadline)) {
    roster.give_back(std::move(worker));
    return Result<std::string>(unavailable_error("no imaging worker came free in time"));
  }
  Deadline job_deadline = std::min(deadline, deadline_in(options.job_timeout));
  Exchange exchange = worker->exchange(job, fds, job_deadline);
  if (exchange.end == Exchange::End::answered) {
    put_back(std::move(worker));
    return std::move(exchange.answer);
  }
  int status = worker->kill_and_reap();
  roster.retire(std::move(worker));
  if (exchange.end == Exchange::End::timed_out) {
    ++timed_out;
    return Result<std::string>(processing_timeout("Decoding took longer than its time budget."));
  }
  ++crashed;
  if (exchange.end == Exchange::End::not_taken) return std::nullopt;
  return Result<std::string>(death_certificate(status));
}

void WorkerPool::State::put_back(std::unique_ptr<WorkerProcess> worker) {
  bool worn_out =
      worker->jobs() >= options.jobs_per_worker || worker->resident_bytes() > options.recycle_above;
  if (!worn_out) return roster.give_back(std::move(worker));
  ++recycled;
  roster.retire(std::move(worker));
}

WorkerPool::WorkerPool(std::unique_ptr<State> state) : state_(std::move(state)) {}
WorkerPool::~WorkerPool() = default;

Result<std::unique_ptr<WorkerPool>> WorkerPool::create(WorkerPoolOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  state->first_hello = TRY(state->roster.wait_for_first());
  return std::unique_ptr<WorkerPool>(new WorkerPool(std::move(state)));
}

Result<std::vector<RenderedImage>> WorkerPool::render(const ImageSource&, const ImageFacts&,
                                                      const std::vector<RenditionSpec>&,
                                                      const Limits&, Deadline) {
  return internal_error("renditions are not there yet");
}

Result<Examination> WorkerPool::examine(const ImageSource& source,
                                        const std::vector<RenditionSpec>&, const Limits& limits,
                                        Deadline deadline) {
  if (source.size == 0) return not_an_image("The file is empty.");
  TRY(check_size(source));
  UniqueFd reopened = TRY(read_only(source.fd));
  Job job;
  job.kind = JobKind::inspect;
  job.input_size = source.size;
  job.limits = limits;
  int input = reopened ? reopened.get() : source.fd;
  std::string payload = TRY(run(std::move(job), {input}, deadline));
  auto answer = decode_inspect_answer(payload);
  if (!answer) return corrupt_image("The decoder's answer about the file makes no sense.");
  Examination examination;
  examination.facts = to_facts(std::move(*answer));
  return examination;
}

Result<std::string> WorkerPool::run(Job job, const std::vector<int>& fds, Deadline deadline) {
  if (job.payload.size() > kMaxPayload || fds.size() > kMaxJobFds)
    return internal_error("an imaging job is too large for one message");
  job.id = state_->next_id++;
  job.cpu_seconds = state_->options.cpu_seconds;
  for (int i = 0; i < kTries; ++i)
    if (auto result = state_->attempt(job, fds, deadline)) return std::move(*result);
  return unavailable_error("imaging workers end before they can be used");
}

Result<void> WorkerPool::check() { return state_->roster.check(); }

SandboxStatus WorkerPool::sandbox_status() const { return state_->first_hello.sandbox; }
std::string WorkerPool::sandbox_reason() const { return state_->first_hello.reason; }
bool WorkerPool::has_heic() const { return state_->first_hello.heic; }

WorkerPoolStats WorkerPool::stats() const {
  WorkerPoolStats stats;
  stats.started = state_->roster.started();
  stats.crashed = state_->crashed;
  stats.timed_out = state_->timed_out;
  stats.recycled = state_->recycled;
  stats.pids = state_->roster.pids();
  return stats;
}

}  // namespace tintype

#include "imaging/worker_pool.h"

#include <signal.h>

#include <algorithm>
#include <atomic>

#include "imaging/admission.h"
#include "imaging/failures.h"
#include "imaging/job_files.h"
#include "imaging/job_outputs.h"
#include "imaging/memory_estimate.h"
#include "imaging/memory_limit.h"
#include "imaging/planned_size.h"
#include "imaging/rendition_wire.h"
#include "imaging/worker_roster.h"

namespace tintype {
namespace {

// A worker that was found dead costs one more try; more in a row mean that something kills them.
constexpr int kTries = 3;
// Workers that a job may lose to the kernel (out of memory) or to an operator.
constexpr int kKills = 2;

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
  roster.at_least = options.eager ? roster.workers : (options.lazy ? 0 : 1);
  roster.command.program = options.program;
  roster.command.arguments = {"imaging-worker",
                              "--sandbox=" + std::string(policy_word(options.sandbox)),
                              "--memory=" + std::to_string(options.worker_memory)};
  roster.sandbox_required = options.sandbox == SandboxPolicy::required;
  roster.start_timeout = options.start_timeout;
  return roster;
}

// What the file's owner is told about a worker's death.
Error death_certificate(int signal) {
  if (signal == 0) return corrupt_image("The decoder gave up on the file.");
  if (signal == SIGXCPU)
    return processing_timeout("Decoding took longer than its CPU time budget.");
  return corrupt_image("The decoder crashed on the file or ran out of memory (signal " +
                       std::to_string(signal) + ").");
}

AdmissionLimits admission_limits(const WorkerPoolOptions& options) {
  AdmissionLimits limits;
  limits.bytes = options.memory_budget > 0 ? options.memory_budget : usable_memory() / 2;
  limits.jobs = std::max(1u, options.workers);
  limits.waiting = options.queue;
  return limits;
}

Error senseless() { return corrupt_image("The decoder's answer about the file makes no sense."); }

ImageFacts to_facts(InspectAnswer answer) {
  ImageFacts facts = std::move(answer.facts);
  facts.exif_json = camera_json(answer.camera);
  if (answer.location) facts.location_json = location_json(*answer.location);
  return facts;
}

// One try at a job.
struct Attempt {
  std::optional<Result<std::string>> result;  // nothing: another worker can do it
  bool killed = false;                        // the worker, with the job in its hands
};

}  // namespace

// What a job works on.
struct WorkerPool::Errand {
  JobKind kind;
  const ImageSource& source;
  const Limits& limits;
  std::uint64_t bytes;  // of memory, predicted
};

struct WorkerPool::State {
  explicit State(WorkerPoolOptions o)
      : options(std::move(o)),
        admission(admission_limits(options)),
        roster(roster_options(options)) {}

  Attempt attempt(const Job& job, const std::vector<int>& fds, Deadline deadline);
  void put_back(std::unique_ptr<WorkerProcess> worker);
  // A worker cannot take more than it may, whatever was predicted.
  std::uint64_t possible(std::uint64_t bytes) const {
    return options.worker_memory > 0 ? std::min(bytes, options.worker_memory) : bytes;
  }

  const WorkerPoolOptions options;
  Admission admission;
  Hello first_hello;
  std::atomic<std::uint64_t> next_id{1};
  std::atomic<std::uint64_t> crashed{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> recycled{0};
  WorkerRoster roster;  // last, so that its thread sees everything above
};

Attempt WorkerPool::State::attempt(const Job& job, const std::vector<int>& fds, Deadline deadline) {
  auto acquired = roster.acquire(deadline);
  if (!acquired) return {std::move(acquired).error()};
  std::unique_ptr<WorkerProcess> worker = std::move(*acquired);
  if (has_passed(deadline)) {
    roster.give_back(std::move(worker));
    return {unavailable_error("no imaging worker came free in time")};
  }
  Deadline full_time = deadline_in(options.job_timeout);
  Exchange exchange = worker->exchange(job, fds, std::min(deadline, full_time));
  if (exchange.end == Exchange::End::answered) {
    put_back(std::move(worker));
    return {std::move(exchange.answer)};
  }
  int signal = worker->kill_and_wait();
  roster.retire(std::move(worker));
  const bool late = exchange.end == Exchange::End::timed_out;
  options.on_loss({signal, late, job.input_size});
  if (late) {
    ++timed_out;
    if (deadline < full_time)
      return {timeout_error("There was not enough time left to decode the image.")};
    return {processing_timeout("Decoding took longer than its time budget.")};
  }
  ++crashed;
  if (exchange.end == Exchange::End::not_taken) return {};
  if (exchange.end == Exchange::End::killed) return {std::nullopt, true};
  return {death_certificate(signal)};
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
  if (!state->options.lazy) state->first_hello = TRY(state->roster.wait_for_first());
  return std::unique_ptr<WorkerPool>(new WorkerPool(std::move(state)));
}

Result<std::string> WorkerPool::run_errand(const Errand& errand,
                                           const std::vector<RenditionSpec>& specs,
                                           const std::vector<UniqueFd>& outputs,
                                           Deadline deadline) {
  if (errand.source.size == 0) return not_an_image("The file is empty.");
  auto input = TRY(JobInput::open(errand.source));
  std::vector<int> fds{input.fd()};
  for (const auto& output : outputs) fds.push_back(output.get());
  Job job;
  job.kind = errand.kind;
  job.input_size = errand.source.size;
  job.limits = errand.limits;
  job.payload = encode_render_wishes({state_->options.policy, specs});
  return run(std::move(job), fds, deadline, errand.bytes);
}

Result<Examination> WorkerPool::examine(const ImageSource& source,
                                        const std::vector<RenditionSpec>& specs,
                                        const Limits& limits, Deadline deadline) {
  auto outputs = TRY(JobOutputs::create(specs, limits));
  auto bytes = estimate_examine(source.size, planned_size(source, limits), specs);
  Errand errand{JobKind::examine, source, limits, bytes};
  std::string payload = TRY(run_errand(errand, specs, outputs.files(), deadline));
  auto answer = decode_inspect_answer(payload);
  if (!answer) return senseless();
  Examination examination;
  examination.renditions = TRY(outputs.take(answer->renditions));
  examination.facts = to_facts(std::move(*answer));
  return examination;
}

Result<std::vector<RenderedImage>> WorkerPool::render(const ImageSource& source,
                                                      const ImageFacts& facts,
                                                      const std::vector<RenditionSpec>& specs,
                                                      const Limits& limits, Deadline deadline) {
  bool resolved = std::all_of(specs.begin(), specs.end(), [](auto& s) { return s.format; });
  if (specs.empty() || !resolved) return internal_error("a rendition that is not resolved");
  if (state_->options.worker_memory > 0)
    TRY(check_results(facts, specs, state_->options.worker_memory));
  auto outputs = TRY(JobOutputs::create(specs, limits));
  Errand errand{JobKind::render, source, limits, estimate_render(facts, specs)};
  std::string payload = TRY(run_errand(errand, specs, outputs.files(), deadline));
  auto written = decode_render_answer(payload);
  if (!written) return senseless();
  return outputs.take(*written);
}

Result<std::string> WorkerPool::run(Job job, const std::vector<int>& fds, Deadline deadline,
                                    std::uint64_t bytes) {
  if (job.payload.size() > kMaxPayload || fds.size() > kMaxJobFds)
    return internal_error("an imaging job is too large for one message");
  job.id = state_->next_id++;
  job.cpu_seconds = state_->options.cpu_seconds;
  auto ticket = TRY(state_->admission.admit(state_->possible(bytes), deadline));
  for (int i = 0, kills = 0; i < kTries; ++i) {
    auto attempt = state_->attempt(job, fds, deadline);
    if (attempt.result) return std::move(*attempt.result);
    if (!attempt.killed) continue;
    if (++kills == kKills)
      return unavailable_error("the imaging workers are killed by the system or its operator");
    for (std::size_t output = 1; output < fds.size(); ++output) TRY(empty_output(fds[output]));
  }
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
  stats.waiting = state_->admission.waiting();
  stats.pids = state_->roster.pids();
  return stats;
}

}  // namespace tintype

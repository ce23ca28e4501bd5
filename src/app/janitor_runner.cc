#include "app/janitor_runner.h"

#include "telemetry/log.h"

namespace tintype {
namespace {

void log_report(std::string_view what, const Result<JanitorReport>& result) {
  if (!result.ok()) {
    log_error("janitor failed", {{"task", what}, {"detail", result.error().detail}});
    return;
  }
  if (*result == JanitorReport{}) return;
  log_info("janitor", {{"task", what},
                       {"completed", result->completed},
                       {"expired", result->expired},
                       {"purged", result->purged},
                       {"errors", result->errors}});
}

void log_reconciled(const ReconcileReport& report) {
  for (const auto& key : report.orphaned_objects)
    log_warn("object without a record", {{"key", key}});
  for (const auto& id : report.missing_objects)
    log_error("active image without its object", {{"image_id", id}});
  log_info("reconciled", {{"objects", report.objects},
                          {"records", report.records},
                          {"orphaned", report.orphaned_objects.size()},
                          {"removed", report.removed},
                          {"missing", report.missing_objects.size()}});
}

}  // namespace

JanitorRunner::JanitorRunner(const ServiceContext& context, CompletionQueue& queue,
                             const JanitorSchedule& schedule)
    : context_(context), queue_(queue), schedule_(schedule), thread_([this] { run(); }) {}

JanitorRunner::~JanitorRunner() {
  stop_ = true;
  { std::lock_guard lock(mutex_); }
  wake_.notify_all();
  thread_.join();
}

void JanitorRunner::run() {
  auto next_reconcile = std::chrono::steady_clock::now() + schedule_.reconcile_interval;
  // What arrived while nobody was running is finished first.
  bool look_for_arrived = true;
  while (!stop_) {
    bool reconcile_due = std::chrono::steady_clock::now() >= next_reconcile;
    try {
      tick(look_for_arrived);
      if (reconcile_due) reconcile_now();
    } catch (const std::exception& error) {  // no memory: the next round tries again
      log_error("janitor failed", {{"task", "round"}, {"detail", error.what()}});
    }
    if (reconcile_due) {
      next_reconcile = std::chrono::steady_clock::now() + schedule_.reconcile_interval;
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, schedule_.interval, [this] { return stop_.load(); });
    look_for_arrived = queue_.take_overflow();
  }
}

void JanitorRunner::tick(bool look_for_arrived) {
  if (look_for_arrived) log_report("arrived", complete_arrived(context_, stop_));
  log_report("due", run_due(context_, stop_));
}

void JanitorRunner::reconcile_now() {
  auto report = reconcile(context_, schedule_.policy, stop_);
  if (report.ok()) log_reconciled(*report);
  else log_error("janitor failed", {{"task", "reconcile"}, {"detail", report.error().detail}});
}

}  // namespace tintype

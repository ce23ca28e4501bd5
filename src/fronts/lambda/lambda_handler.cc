#include "fronts/lambda/lambda_handler.h"

#include <thread>

#include "base/deadline_scope.h"
#include "base/json_writer.h"
#include "fronts/lambda/event.h"
#include "fronts/lambda/gateway_front.h"
#include "fronts/lambda/stop_timer.h"
#include "services/janitor.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

// What is left of an invocation's time for handing back its answer.
constexpr milliseconds kHandOver{500};
// API Gateway waits 29 seconds for a function, and then answers by itself.
constexpr milliseconds kGatewayPatience{28'000};

Deadline working_deadline(const Invocation& invocation) {
  if (invocation.deadline == Deadline::max()) return invocation.deadline;
  return invocation.deadline - kHandOver;
}

// Some of that may have passed already, as while a new instance was started. A time that cannot be
// is that of another clock.
Deadline gateway_deadline(const GatewayRequest& request, Timestamp now) {
  const milliseconds waited = request.received ? now - *request.received : milliseconds(0);
  const bool may_be = waited > milliseconds(0) && waited < kGatewayPatience;
  return deadline_in(may_be ? kGatewayPatience - waited : kGatewayPatience);
}

FunctionError not_this_function() {
  return {"Function.Forbidden", "This function does not take events of that kind."};
}

class Answerer {
 public:
  Answerer(const LambdaService& service, const Invocation& invocation)
      : service_(service), invocation_(invocation), deadline_(working_deadline(invocation)) {}

  FunctionAnswer operator()(GatewayRequest& request) const {
    if (service_.on_base_url && !request.base_url.empty()) service_.on_base_url(request.base_url);
    strip_base_path(request, service_.base_path);
    const Deadline deadline =
        std::min(deadline_, gateway_deadline(request, service_.services.clock.now()));
    GatewayCall call{invocation_.request_id, deadline, invocation_.event.size()};
    const DeadlineScope scope(deadline);
    return answer_gateway(service_.api, service_.rights, request, call);
  }

  FunctionAnswer operator()(const S3Event& event) const {
    if (!service_.rights.uploads) return not_this_function();
    if (settle_arrivals(service_.services, event, deadline_) == Settlement::later)
      return FunctionError{"Function.TryAgain", "An upload could not be completed yet."};
    return "null";
  }

  // Messages that hold anything but S3 events are acknowledged: they would be no better next time.
  FunctionAnswer operator()(const QueueEvent& event) const {
    if (!service_.rights.uploads) return not_this_function();
    std::vector<std::string> failures;
    for (const auto& message : event.messages)
      if (settle(message) == Settlement::later && !message.id.empty())
        failures.push_back(message.id);
    return batch_failures(failures);
  }

  FunctionAnswer operator()(const S3TestEvent&) const { return "null"; }

  FunctionAnswer operator()(const JanitorEvent&) const {
    if (!service_.rights.janitor) return not_this_function();
    // The last upload that is begun has half of the time, or all that it may take.
    StopTimer timer(stop_starting_at());
    auto done = run_pass(timer.stop());
    if (done.ok()) return report_json(*done);
    log_error("janitor failed", {{"detail", done.error().detail}});
    return FunctionError{"Function.JanitorFailed", "The janitor could not do its work."};
  }

 private:
  Settlement settle(const QueueMessage& message) const {
    auto inner = parse_event(message.body);
    const auto* arrivals = inner.ok() ? std::get_if<S3Event>(&*inner) : nullptr;
    if (arrivals) return settle_arrivals(service_.services, *arrivals, deadline_);
    if (!inner.ok() || !std::holds_alternative<S3TestEvent>(*inner))
      log_warn("a message that is no S3 event", {{"message_id", message.id}});
    return Settlement::done;
  }

  Deadline stop_starting_at() const {
    if (deadline_ == Deadline::max()) return deadline_;
    auto left = deadline_ - std::chrono::steady_clock::now();
    return deadline_ -
           std::min<Deadline::duration>(left / 2, service_.services.upload.background_timeout);
  }

  Result<JanitorReport> run_pass(const std::atomic<bool>& stop) const {
    auto arrived = TRY(complete_arrived(service_.services, stop));
    auto due = TRY(run_due(service_.services, stop));
    due.completed += arrived.completed;
    due.errors += arrived.errors;
    return due;
  }

  static std::string report_json(const JanitorReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("completed").number(std::uint64_t{report.completed});
    json.key("expired").number(std::uint64_t{report.expired});
    json.key("purged").number(std::uint64_t{report.purged});
    json.key("errors").number(std::uint64_t{report.errors}).end_object();
    return text;
  }

  const LambdaService& service_;
  const Invocation& invocation_;
  const Deadline deadline_;
};

}  // namespace

FunctionAnswer answer_event(const LambdaService& service, const Invocation& invocation) {
  auto event = parse_event(invocation.event);
  if (!event.ok()) {
    log_warn("an event of no known shape", {{"request_id", invocation.request_id},
                                            {"code", event.error().code},
                                            {"bytes", invocation.event.size()}});
    const bool malformed = event.error().is("malformed_event");
    return FunctionError{malformed ? "Function.MalformedEvent" : "Function.UnknownEvent",
                         event.error().detail};
  }
  const DeadlineScope scope(working_deadline(invocation));
  return std::visit(Answerer(service, invocation), *event);
}

}  // namespace tintype

#include "handlers/service_api.h"

#include "base/deadline_scope.h"
#include "base/encoding.h"
#include "handlers/gate.h"
#include "handlers/idempotency.h"
#include "handlers/ownership.h"
#include "handlers/path_id.h"
#include "handlers/problem.h"
#include "handlers/s3_error.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

Plan answered(Response response) {
  Plan plan;
  plan.answer = std::move(response);
  return plan;
}

bool is_object_url(const Request& request) { return request.raw_path.starts_with("/objects/"); }

// S3's word for what is refused before a handler sees it.
std::string_view s3_code(int status, std::string_view code) {
  if (code == "incomplete_body") return "IncompleteBody";
  switch (status) {
    case 404: return "NoSuchKey";
    case 405: return "MethodNotAllowed";
    case 408: return "RequestTimeout";
    case 411: return "MissingContentLength";
    case 413: return "EntityTooLarge";
    case 503: return "SlowDown";
    default: return status >= 500 ? "InternalError" : "InvalidRequest";
  }
}

Response refusal(const Request& request, int status, std::string_view code,
                 std::string_view detail) {
  return is_object_url(request) ? s3_error_response(status, s3_code(status, code), detail, request)
                                : problem_response(status, code, detail, request.request_id);
}

Response no_route(const Request& request, const std::string& allow) {
  if (allow.empty()) return refusal(request, 404, "not_found", "There is nothing at this path.");
  Response response =
      refusal(request, 405, "method_not_allowed", "This path does not take that method.");
  response.set("Allow", allow);
  return response;
}

// As it was answered: a refused request may have got its id only then.
std::string_view request_id_of(const Response& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "X-Request-Id") return value;
  return {};
}

double milliseconds_of(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Before a change of the image that the path names. What only reads looks at the record itself.
Result<void> check_path_owner(const ApiContext& context, const Caller& caller, const Route& route,
                              const Request& request) {
  const bool reads = route.scope != Scope::write;
  if (reads || caller.may_act_for_all || route.pattern.find("{image_id}") == std::string_view::npos)
    return {};
  return check_owner(context, caller, TRY(path_image_id(request)));
}

}  // namespace

ServiceApi::ServiceApi(const ApiContext& context)
    : context_(context), id_prefix_(hex_encode(random_bytes(context.services.random, 8)) + "-") {}

std::string ServiceApi::new_request_id() {
  return id_prefix_ + std::to_string(id_counter_.fetch_add(1, std::memory_order_relaxed));
}

Plan ServiceApi::begin(Request& request) {
  auto given = accepted_request_id(request);
  request.request_id = given ? std::move(*given) : new_request_id();
  auto match = match_route(route_table(), request.method, request.raw_path);
  if (!match.route && request.method == Method::options && !match.allow.empty())
    return answered(finished(request, options_response(request, match.allow)));
  if (!match.route) {
    Response refusal = no_route(request, match.allow);
    refusal.close = request.chunked || request.content_length.value_or(0) > 0;
    return answered(finished(request, std::move(refusal)));
  }
  request.path_parameters = std::move(match.parameters);

  const Route& route = *match.route;
  auto body = plan_body(context_, route, request);
  if (body.refusal) return answered(finished(request, std::move(*body.refusal)));
  if (!is_acceptable(route, request))
    return answered(finished(
        request, problem_response(406, "not_acceptable",
                                  "This answers with " + std::string(route.produces) + " only.",
                                  request.request_id)));
  auto caller = authenticate(context_, request, route.scope);
  if (!caller.ok() && route.scope != Scope::none)
    return answered(finished(request, problem_response(caller.error(), request.request_id)));

  Plan plan;
  plan.route = &route;
  if (caller.ok()) plan.caller = std::move(*caller);
  plan.cost = cost_of(route, request);
  plan.body = body.kind;
  plan.max_body = body.max_body;
  if (!route.quick) return plan;
  if (auto response = route.quick(context_, plan.caller, request))
    plan.answer = finished(request, std::move(*response));
  return plan;
}

// What is a point read for local stores waits for a network with others.
CostClass ServiceApi::cost_of(const Route& route, const Request& request) const {
  const CostClass cost = route.cost_of ? route.cost_of(request) : route.cost;
  const bool far = !context_.services.renditions.store_is_local && route.scope != Scope::none;
  return far && cost == CostClass::inline_ ? CostClass::blocking : cost;
}

Response ServiceApi::handle(const Plan& plan, const Request& request) {
  const Route& route = *plan.route;
  const DeadlineScope scope(work_deadline(request));
  const auto run = [&](const Request& tried) {
    const auto owned = check_path_owner(context_, plan.caller, route, tried);
    return owned.ok() ? route.handle(context_, plan.caller, tried)
                      : problem_response(owned.error(), tried.request_id);
  };
  if (route.method != Method::post || route.scope != Scope::write)
    return finished(request, run(request));
  const auto& services = context_.services;
  const auto id = ImageId::generate(services.clock.now(), services.random);
  const auto first = Attempt::first(id, services.random);
  const RepeatableRequest repeatable{plan.caller, request, request.body, first};
  return finished(request, with_idempotency(context_, repeatable, [&](const Attempt& attempt) {
                    Request tried = request;
                    tried.attempt = attempt;
                    return run(tried);
                  }));
}

std::variant<std::unique_ptr<BodySink>, Response> ServiceApi::open_sink(const Plan& plan,
                                                                        const Request& request) {
  // Headers such as X-Request-Id are added to whatever the sink answers.
  class FinishingSink final : public BodySink {
   public:
    FinishingSink(const ServiceApi& api, const Request& request, std::unique_ptr<BodySink> sink)
        : api_(api), request_(request), sink_(std::move(sink)) {}
    std::optional<Response> write(std::string_view chunk) override {
      auto response = sink_->write(chunk);
      if (!response) return std::nullopt;
      response->close = true;
      return api_.finished(request_, std::move(*response));
    }
    Response finish() override {
      const DeadlineScope scope(work_deadline(request_));
      return api_.finished(request_, sink_->finish());
    }

   private:
    const ServiceApi& api_;
    const Request& request_;
    std::unique_ptr<BodySink> sink_;
  };

  auto opened = plan.route->open(context_, plan.caller, request);
  if (auto* refusal = std::get_if<Response>(&opened)) {
    refusal->close = true;
    return finished(request, std::move(*refusal));
  }
  return std::make_unique<FinishingSink>(*this, request,
                                         std::move(std::get<std::unique_ptr<BodySink>>(opened)));
}

Response ServiceApi::refuse(const Request& request, int status, std::string_view code,
                            std::string_view detail) {
  // What never became a request has no id yet, and every answer has one.
  Request named = request;
  if (named.request_id.empty()) {
    auto given = accepted_request_id(request);
    named.request_id = given ? std::move(*given) : new_request_id();
  }
  Response response = refusal(named, status, code, detail);
  response.close = true;
  return finished(named, std::move(response));
}

Response ServiceApi::finished(const Request& request, Response response) const {
  response.set("X-Request-Id", request.request_id);
  response.set("X-Content-Type-Options", "nosniff");
  if (is_object_url(request)) response.set("x-amz-request-id", request.request_id);
  add_cors(context_, request, response);
  return response;
}

void ServiceApi::finish(const Request& request, const Response& response,
                        const RequestTiming& timing) {
  if (!context_.config.log_requests || !log_enabled(LogLevel::info)) return;
  std::string target(request.raw_path);
  if (!request.raw_query.empty()) target.append("?").append(request.raw_query);
  log_info("request", {{"method", request.method_text},
                       {"target", redact_target(target)},
                       {"status", response.status},
                       {"duration_ms", milliseconds_of(timing.total)},
                       {"bytes_in", timing.bytes_received},
                       {"bytes_out", timing.bytes_sent},
                       {"remote", request.remote_address},
                       {"request_id", request_id_of(response)}});
}

}  // namespace tintype

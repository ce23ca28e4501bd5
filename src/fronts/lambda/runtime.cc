#include "fronts/lambda/runtime.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <thread>

#include "base/json_writer.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

// An event may be larger than what is answered, so that its refusal can be.
constexpr std::size_t kMaxEvent = 4 * kMaxLambdaPayload;
constexpr seconds kPostTimeout{60};
// A Runtime API that is on this machine and does not answer so many times in a row is gone.
constexpr int kTries = 8;
constexpr milliseconds kFirstPause{5};

milliseconds pause_before(int attempt) { return kFirstPause * (1 << attempt); }

bool worth_another_try(const Error& error) {
  return error.is(ErrorKind::unavailable) || error.is(ErrorKind::timeout);
}

std::string error_json(const FunctionError& error) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("errorMessage").string(error.message);
  json.key("errorType").string(error.type).key("stackTrace").begin_array().end_array();
  json.end_object();
  return text;
}

// 500 is the environment's own defect, after which a runtime has to end.
Error refused(std::string_view what, int status) {
  return internal_error("the Lambda Runtime API answered " + std::to_string(status) + " to " +
                        std::string(what));
}

Deadline deadline_at(std::string_view epoch_ms, Timestamp now) {
  std::int64_t at = 0;
  auto [end, error] = std::from_chars(epoch_ms.data(), epoch_ms.data() + epoch_ms.size(), at);
  if (error != std::errc() || end != epoch_ms.data() + epoch_ms.size()) return Deadline::max();
  constexpr std::int64_t kLongest = 24 * 3600 * 1000;
  const auto bounded = std::min<std::int64_t>(std::max<std::int64_t>(at, 0), INT64_MAX / 2);
  auto left = std::clamp<std::int64_t>(bounded - now.time_since_epoch().count(), 0, kLongest);
  return deadline_in(milliseconds(left));
}

void set_trace_id(const std::string& trace_id) {
  constexpr const char* kName = "_X_AMZN_TRACE_ID";
  if (trace_id.empty()) ::unsetenv(kName);
  else ::setenv(kName, trace_id.c_str(), 1);
  set_log_trace(trace_id);
}

FunctionAnswer run_handler(const InvocationHandler& handler, const Invocation& invocation) try {
  return handler(invocation);
} catch (const std::exception& error) {
  log_error("an invocation failed",
            {{"request_id", invocation.request_id}, {"detail", error.what()}});
  return FunctionError{"Runtime.HandlerFailed", "The function failed; its log says how."};
}

// A connection that broke says nothing about whether the answer has arrived; a second one for the
// same invocation is refused, which does no harm.
template <typename Post>
Result<void> insist(Post post) {
  auto posted = post();
  for (int i = 0; i < kTries && !posted.ok() && worth_another_try(posted.error()); ++i) {
    std::this_thread::sleep_for(pause_before(i));
    posted = post();
  }
  return posted;
}

Result<void> hand_back(const RuntimeApi& runtime, const std::string& id, FunctionAnswer answer) {
  if (auto* error = std::get_if<FunctionError>(&answer))
    return insist([&] { return runtime.report(id, *error); });
  auto& text = std::get<std::string>(answer);
  auto sent = insist([&] { return runtime.respond(id, text); });
  if (sent.ok() || !sent.error().is(ErrorKind::too_large)) return sent;
  FunctionError error{"Function.AnswerTooLarge", "The answer is larger than Lambda carries."};
  return insist([&] { return runtime.report(id, error); });
}

}  // namespace

RuntimeApi::RuntimeApi(std::string_view address)
    : base_("http://" + std::string(address) + "/2018-06-01/runtime/") {}

Result<Invocation> RuntimeApi::next() const {
  HttpRequest request;
  request.url = base_ + "invocation/next";
  request.max_response = kMaxEvent;
  request.wait_forever = true;
  auto response = TRY(client_.send(request));
  if (response.status != 200) return refused("next", response.status);
  return read_invocation(std::move(response), SystemClock().now());
}

Result<void> RuntimeApi::respond(const std::string& request_id, std::string answer) const {
  auto response = TRY(post("invocation/" + request_id + "/response", std::move(answer), nullptr));
  if (response.status == 413)
    return Error{ErrorKind::too_large, "payload_too_large", "Lambda refused the answer.", {}};
  if (response.status / 100 != 2) return refused("a response", response.status);
  return {};
}

Result<void> RuntimeApi::report(const std::string& request_id, const FunctionError& error) const {
  auto response = TRY(post("invocation/" + request_id + "/error", error_json(error), &error));
  if (response.status / 100 != 2) return refused("an error", response.status);
  return {};
}

Result<void> RuntimeApi::report_init(const FunctionError& error) const {
  auto response = TRY(post("init/error", error_json(error), &error));
  if (response.status / 100 != 2) return refused("an init error", response.status);
  return {};
}

Result<HttpResponse> RuntimeApi::post(std::string path, std::string body,
                                      const FunctionError* error) const {
  HttpRequest request;
  request.method = "POST";
  request.url = base_ + path;
  request.headers.emplace_back("Content-Type", "application/json");
  if (error) request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", error->type);
  request.body = std::move(body);
  request.deadline = deadline_in(kPostTimeout);
  return client_.send(request);
}

Result<Invocation> read_invocation(HttpResponse response, Timestamp now) {
  auto header = [&](std::string_view name) { return response.header(name).value_or(""); };
  Invocation invocation;
  invocation.request_id = header("lambda-runtime-aws-request-id");
  if (invocation.request_id.empty())
    return internal_error("the Lambda Runtime API gave an invocation without its id");
  invocation.trace_id = header("lambda-runtime-trace-id");
  invocation.deadline = deadline_at(header("lambda-runtime-deadline-ms"), now);
  invocation.event = std::move(response.body);
  return invocation;
}

Error run_invocations(const RuntimeApi& runtime, const InvocationHandler& handler) {
  int failures = 0;
  while (true) {
    auto invocation = runtime.next();
    if (!invocation.ok()) {
      if (!worth_another_try(invocation.error()) || ++failures > kTries)
        return std::move(invocation).error();
      std::this_thread::sleep_for(pause_before(failures));
      continue;
    }
    failures = 0;
    set_trace_id(invocation->trace_id);
    auto handed = hand_back(runtime, invocation->request_id, run_handler(handler, *invocation));
    if (!handed.ok())
      log_error("an answer could not be handed back",
                {{"request_id", invocation->request_id}, {"detail", handed.error().detail}});
  }
}

}  // namespace tintype

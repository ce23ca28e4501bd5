// The Lambda Runtime API: how a function gets its events and hands back its answers.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//
//   RuntimeApi runtime(getenv("AWS_LAMBDA_RUNTIME_API"));
//   Error end = run_invocations(runtime, [](const Invocation& i) { return answer_to(i.event); });
//
// Threading: one thread. An event is never logged, and neither is an answer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"

namespace tintype {

// The largest event and the largest answer that Lambda carries.
inline constexpr std::size_t kMaxLambdaPayload = 6 * 1024 * 1024;

struct Invocation {
  std::string request_id;  // names it in the log and in what is posted back
  std::string event;       // JSON
  std::string trace_id;    // of X-Ray; may be empty
  Deadline deadline = Deadline::max();
};

// What went wrong with an invocation, or with the start of the function.
struct FunctionError {
  std::string type;     // `Function.Word` or `Runtime.Word`, letters alone
  std::string message;  // one sentence for a person, without anything of the payload
};

class RuntimeApi {
 public:
  // `address` is HOST:PORT, as AWS_LAMBDA_RUNTIME_API says.
  explicit RuntimeApi(std::string_view address);

  // The next invocation, waited for without limit: meanwhile the environment may be frozen for
  // hours. Errors: `unavailable` or `timeout` when asking again may help, otherwise `internal`.
  Result<Invocation> next() const;
  // Errors: `too_large` when Lambda does not take an answer of that size; others as those of next.
  Result<void> respond(const std::string& request_id, std::string answer) const;
  Result<void> report(const std::string& request_id, const FunctionError& error) const;
  // The function cannot start; the process has to end afterwards, and not with 0.
  Result<void> report_init(const FunctionError& error) const;

 private:
  Result<HttpResponse> post(std::string path, std::string body, const FunctionError* error) const;

  const std::string base_;
  const HttpClient client_;
};

using FunctionAnswer = std::variant<std::string, FunctionError>;
using InvocationHandler = std::function<FunctionAnswer(const Invocation&)>;

// Takes invocations and answers them, one after the other, with _X_AMZN_TRACE_ID in the environment
// during each. What a handler throws fails its invocation and nothing else. Returns only when the
// Runtime API is gone or broken, and says how.
Error run_invocations(const RuntimeApi& runtime, const InvocationHandler& handler);

// The invocation that an answer of `next` describes. `now` is what its deadline is held against.
Result<Invocation> read_invocation(HttpResponse response, Timestamp now);

}  // namespace tintype

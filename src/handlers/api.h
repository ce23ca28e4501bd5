// Api: the one door from a front into the service.
//
//   auto plan = api.begin(request);             // request line and headers are there, no body yet
//   if (plan.answer) return *plan.answer;       // refused, or needed no work
//   if (plan.body == BodyKind::stream) {
//     auto sink = api.open_sink(plan, request);  // a Response instead refuses the upload
//     ... sink->write(chunk) ... sink->finish()
//   } else {
//     request.body = ...read at most plan.max_body bytes...
//     response = api.handle(plan, request);
//   }
//   api.finish(request, response, timing);      // access log, once the answer is sent
//
// Threading: every method may be called from any thread. `handle`, `open_sink` and the sink's
// methods may block unless the plan's cost is `inline_`. Nothing throws.
#pragma once

#include <memory>
#include <variant>

#include "handlers/caller.h"
#include "handlers/http.h"

namespace tintype {

struct Route;

// What the front has to do for a request.
struct Plan {
  std::optional<Response> answer;  // set: send this, nothing else
  const Route* route = nullptr;
  Caller caller;
  CostClass cost = CostClass::inline_;
  BodyKind body = BodyKind::none;
  std::uint64_t max_body = 0;  // bytes, for `whole` and `stream`
};

struct RequestTiming {
  std::chrono::steady_clock::duration total{};
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

class HttpApi {
 public:
  virtual ~HttpApi() = default;

  // Chooses the route and checks everything that needs no body: 404, 405, 411, 413, 415, 401, 403.
  // Also answers what is at hand, such as a picture in memory. Never waits.
  // Fills request.request_id and request.path_parameters.
  virtual Plan begin(Request& request) = 0;
  virtual Response handle(const Plan& plan, const Request& request) = 0;
  virtual std::variant<std::unique_ptr<BodySink>, Response> open_sink(const Plan& plan,
                                                                      const Request& request) = 0;
  // An answer for what never became a request or could not be run: malformed (400), header too
  // large (431), body too large (413), timeout (408), queue full (503). `request` may be empty.
  virtual Response refuse(const Request& request, int status, std::string_view code,
                          std::string_view detail) = 0;
  virtual void finish(const Request& request, const Response& response,
                      const RequestTiming& timing) = 0;
};

}  // namespace tintype

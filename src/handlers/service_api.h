// ServiceApi: HttpApi over the route table and the services. The gate order of a request: route,
// body's length and type, Accept, caller; then its handler, under its idempotency key if it has
// one.
#pragma once

#include <atomic>
#include <string>

#include "handlers/api.h"
#include "handlers/api_context.h"

namespace tintype {

class ServiceApi final : public HttpApi {
 public:
  // `context` must outlive the object.
  explicit ServiceApi(const ApiContext& context);

  Plan begin(Request& request) override;
  Response handle(const Plan& plan, const Request& request) override;
  std::variant<std::unique_ptr<BodySink>, Response> open_sink(const Plan& plan,
                                                              const Request& request) override;
  Response refuse(const Request& request, int status, std::string_view code,
                  std::string_view detail) override;
  void finish(const Request& request, const Response& response,
              const RequestTiming& timing) override;

 private:
  std::string new_request_id();
  Response finished(const Request& request, Response response) const;
  CostClass cost_of(const Route& route, const Request& request) const;

  const ApiContext& context_;
  const std::string id_prefix_;
  std::atomic<std::uint64_t> id_counter_{0};
};

}  // namespace tintype

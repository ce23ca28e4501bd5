// LateApi: an HttpApi that exists before the one it stands for, because the server's port has to be
// known before the application can be made. It must be set before the server runs.
#pragma once

#include "handlers/api.h"

namespace tintype {

class LateApi final : public HttpApi {
 public:
  void set(HttpApi& api) { api_ = &api; }

  Plan begin(Request& request) override { return api_->begin(request); }
  Response handle(const Plan& plan, const Request& request) override {
    return api_->handle(plan, request);
  }
  std::variant<std::unique_ptr<BodySink>, Response> open_sink(const Plan& plan,
                                                              const Request& request) override {
    return api_->open_sink(plan, request);
  }
  Response refuse(const Request& request, int status, std::string_view code,
                  std::string_view detail) override {
    return api_->refuse(request, status, code, detail);
  }
  void finish(const Request& request, const Response& response,
              const RequestTiming& timing) override {
    api_->finish(request, response, timing);
  }

 private:
  HttpApi* api_ = nullptr;
};

}  // namespace tintype

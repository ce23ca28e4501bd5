// Runs one request of API Gateway through the handlers.
#pragma once

#include <string>

#include "base/clock.h"
#include "fronts/lambda/api_gateway.h"
#include "fronts/lambda/function_rights.h"
#include "handlers/api.h"

namespace tintype {

// What surrounds a request.
struct GatewayCall {
  std::string_view invocation_id;       // taken as X-Request-Id when the client has sent none
  Deadline deadline = Deadline::max();  // after which nobody waits for the answer
  std::size_t event_size = 0;
};

// The proxy answer, in the format of the request. Whatever goes wrong is an HTTP answer: 400 for a
// broken body, 404 for a route of another function, 413 for what is larger than Lambda carries, in
// either direction, 500 when a handler throws.
std::string answer_gateway(HttpApi& api, const FunctionRights& rights,
                           const GatewayRequest& gateway, const GatewayCall& call);

}  // namespace tintype

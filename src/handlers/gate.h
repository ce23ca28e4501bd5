// The checks that stand before every handler.
#pragma once

#include "handlers/api_context.h"
#include "handlers/http.h"
#include "handlers/routes.h"

namespace tintype {

// The caller's X-Request-Id if it is 1-128 characters of [A-Za-z0-9._-].
std::optional<std::string> accepted_request_id(const Request& request);

// What to read of a request's body, or the refusal of it (411, 413, 415, 400).
struct BodyPlan {
  std::optional<Response> refusal;
  BodyKind kind = BodyKind::none;
  std::uint64_t max_body = 0;
};
BodyPlan plan_body(const ApiContext& context, const Route& route, const Request& request);

// False when the Accept header rules out what the route produces.
bool is_acceptable(const Route& route, const Request& request);

// The answer to OPTIONS: the methods of the path, and the CORS preflight's headers.
Response options_response(const Request& request, const std::string& allow);

// Adds the CORS headers for the request's origin, if it is one of the configured.
void add_cors(const ApiContext& context, const Request& request, Response& response);

}  // namespace tintype

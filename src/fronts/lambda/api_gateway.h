// API Gateway's proxy events, both formats, to an HTTP request and back. Pure functions.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "handlers/http.h"

namespace boost::json {
class object;
}

namespace tintype {

enum class GatewayFormat : std::uint8_t {
  v1,  // REST APIs; payload format 1.0
  v2,  // HTTP APIs and function URLs; payload format 2.0
};

// A request as a client sent it, with texts of its own.
struct GatewayRequest {
  GatewayFormat format = GatewayFormat::v1;
  std::string method;
  // Percent-encoded, without the stage. Gateways decode paths, at least in part: what cannot stand
  // in a path is encoded again, and `%` with two hex digits stays as it is.
  std::string path;
  std::string query;  // percent-encoded, without `?`
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> body;  // decoded
  bool body_is_broken = false;      // it says it is base64 and is not
  std::string source_ip;
  // What clients put before `path`: `https://abc.execute-api.eu-west-1.amazonaws.com/dev`; empty
  // when the event does not say.
  std::string base_url;
  std::optional<VerifiedClaims> claims;
  std::optional<Timestamp> received;  // when the gateway got the request
};

// Errors: `invalid` with code `malformed_event` when method or path are missing.
Result<GatewayRequest> read_gateway_v1(const boost::json::object& event);
Result<GatewayRequest> read_gateway_v2(const boost::json::object& event);

// Takes `prefix` (`/v1`, as a custom domain maps it) off the path, where it is there.
void strip_base_path(GatewayRequest& request, std::string_view prefix);

// The proxy answer: binary bodies in base64, no Content-Length and nothing of one connection
// alone; in format 2 repeated headers in one line, and cookies apart. `head` leaves the body out.
// Errors: `internal` when the body cannot be read.
Result<std::string> write_gateway_answer(GatewayFormat format, const Response& response,
                                         bool head = false);

}  // namespace tintype

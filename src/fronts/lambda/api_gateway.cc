#include "fronts/lambda/api_gateway.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "fronts/lambda/json_text.h"

namespace tintype {
namespace {

using lambda_json::object_at;
using lambda_json::text_at;
using lambda_json::text_of;
namespace json = boost::json;

Error malformed(std::string_view what) {
  return invalid_error("malformed_event",
                       "The API Gateway event has no " + std::string(what) + ".");
}

std::string_view key_of(const json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Encodes what RFC 3986 §3.3 keeps out of a path, whether a gateway decoded it or not.
std::string encode_path(std::string_view path) {
  constexpr std::string_view kPathPunctuation = "-._~!$&'()*+,;=:@/";
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool escape =
        c == '%' && i + 2 < path.size() && is_hex(path[i + 1]) && is_hex(path[i + 2]);
    const bool plain = letter || escape || kPathPunctuation.find(c) != std::string_view::npos;
    if (plain) out += c;
    else out += percent_encode({&c, 1});
  }
  return out;
}

void append_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query.append(percent_encode(name)).append("=").append(percent_encode(value));
}

// Calls `use(name, value)` with every member, those of `multi` with each of their values; members
// of `single` alone where there is no `multi`.
template <typename Use>
void each_value(const json::object* multi, const json::object* single, Use use) {
  if (!multi && !single) return;
  for (const auto& member : multi ? *multi : *single) {
    const auto* values = member.value().if_array();
    if (!values) use(key_of(member), text_of(member.value()));
    else
      for (const auto& value : *values) use(key_of(member), text_of(value));
  }
}

void read_body(const json::object& event, GatewayRequest& request) {
  const auto* body = event.if_contains("body");
  if (!body || !body->is_string()) return;
  request.body = text_of(*body);
  const auto* encoded = event.if_contains("isBase64Encoded");
  if (!encoded || !encoded->is_bool() || !encoded->get_bool()) return;
  auto decoded = base64_decode(*request.body);
  request.body_is_broken = !decoded.ok();
  request.body = decoded.ok() ? std::move(*decoded) : std::string();
}

bool starts_with_segment(std::string_view path, std::string_view prefix) {
  if (prefix.empty() || !path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/';
}

// Claims of a JSON web token as Cognito's and HTTP APIs' authorizers hand them over: texts, with
// the scopes in one.
VerifiedClaims read_claims(const json::object& claims) {
  VerifiedClaims out;
  out.subject = text_at(claims, "sub");
  auto scope = claims.if_contains("scope");
  if (scope && scope->is_string()) out.scopes = text_of(*scope);
  return out;
}

// A Lambda authorizer names whom it has let in.
std::optional<VerifiedClaims> read_principal(const json::object& authorizer) {
  VerifiedClaims out;
  out.subject = text_at(authorizer, "principalId");
  if (out.subject.empty()) return std::nullopt;
  if (authorizer.contains("scope")) out.scopes = text_at(authorizer, "scope");
  return out;
}

std::optional<VerifiedClaims> read_authorizer(const json::object& context) {
  const auto* authorizer = object_at(context, "authorizer");
  if (!authorizer) return std::nullopt;
  const auto* jwt = object_at(*authorizer, "jwt");
  const auto* claims = object_at(jwt ? *jwt : *authorizer, "claims");
  if (claims) return read_claims(*claims);
  const auto* own = object_at(*authorizer, "lambda");
  return read_principal(own ? *own : *authorizer);
}

// Milliseconds since 1970.
std::optional<Timestamp> time_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (!value || !value->is_int64()) return std::nullopt;
  return Timestamp(milliseconds(value->get_int64()));
}

// The scopes that a route of an HTTP API asked for stand beside the claims.
void add_route_scopes(const json::object& context, GatewayRequest& request) {
  const auto* authorizer = object_at(context, "authorizer");
  const auto* jwt = authorizer ? object_at(*authorizer, "jwt") : nullptr;
  const auto* scopes = jwt ? jwt->if_contains("scopes") : nullptr;
  if (!request.claims || request.claims->scopes || !scopes || !scopes->is_array()) return;
  std::string joined;
  for (const auto& scope : scopes->get_array())
    joined += (joined.empty() ? "" : " ") + text_of(scope);
  request.claims->scopes = std::move(joined);
}

// `requestContext.path` has what the client sent, stage or mapped base path included.
void set_base_url(const json::object& context, std::string_view sent, GatewayRequest& request) {
  auto domain = text_at(context, "domainName");
  if (domain.empty()) return;
  std::string_view prefix;
  if (sent.ends_with(request.path)) prefix = sent.substr(0, sent.size() - request.path.size());
  request.base_url = "https://" + domain + std::string(prefix);
}

}  // namespace

void strip_base_path(GatewayRequest& request, std::string_view prefix) {
  if (!starts_with_segment(request.path, prefix)) return;
  request.path.erase(0, prefix.size());
  if (request.path.empty()) request.path = "/";
}

Result<GatewayRequest> read_gateway_v1(const json::object& event) {
  GatewayRequest request;
  request.method = text_at(event, "httpMethod");
  auto path = text_at(event, "path");
  if (request.method.empty()) return malformed("httpMethod");
  if (!path.starts_with('/')) return malformed("path");
  request.path = encode_path(path);
  const auto& context = *object_at(event, "requestContext");
  const auto sent = encode_path(text_at(context, "path"));
  // `path` comes without the stage; some emulators leave it in.
  const bool without_stage = sent.size() > request.path.size() && sent.ends_with(request.path);
  if (!without_stage) strip_base_path(request, "/" + text_at(context, "stage"));
  set_base_url(context, sent, request);
  each_value(object_at(event, "multiValueQueryStringParameters"),
             object_at(event, "queryStringParameters"),
             [&](auto name, const auto& value) { append_parameter(request.query, name, value); });
  each_value(object_at(event, "multiValueHeaders"), object_at(event, "headers"),
             [&](auto name, const auto& value) { request.headers.emplace_back(name, value); });
  read_body(event, request);
  request.received = time_at(context, "requestTimeEpoch");
  if (const auto* identity = object_at(context, "identity"))
    request.source_ip = text_at(*identity, "sourceIp");
  request.claims = read_authorizer(context);
  return request;
}

Result<GatewayRequest> read_gateway_v2(const json::object& event) {
  GatewayRequest request;
  request.format = GatewayFormat::v2;
  const auto& context = *object_at(event, "requestContext");
  const auto& http = *object_at(context, "http");
  request.method = text_at(http, "method");
  auto path = text_at(event, "rawPath");
  if (request.method.empty()) return malformed("method");
  if (!path.starts_with('/')) return malformed("rawPath");
  request.path = encode_path(path);
  const auto sent = request.path;
  if (auto stage = text_at(context, "stage"); stage != "$default")
    strip_base_path(request, "/" + stage);
  set_base_url(context, sent, request);
  request.query = text_at(event, "rawQueryString");
  each_value(nullptr, object_at(event, "headers"),
             [&](auto name, const auto& value) { request.headers.emplace_back(name, value); });
  if (const auto* cookies = event.if_contains("cookies"); cookies && cookies->is_array()) {
    std::string line;
    for (const auto& cookie : cookies->get_array())
      line += (line.empty() ? "" : "; ") + text_of(cookie);
    if (!line.empty()) request.headers.emplace_back("cookie", std::move(line));
  }
  read_body(event, request);
  request.received = time_at(context, "timeEpoch");
  request.source_ip = text_at(http, "sourceIp");
  request.claims = read_authorizer(context);
  add_route_scopes(context, request);
  return request;
}

}  // namespace tintype

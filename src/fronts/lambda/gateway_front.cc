#include "fronts/lambda/gateway_front.h"

#include "fronts/lambda/runtime.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

// Bytes that a sink gets at a time.
constexpr std::size_t kPiece = 256 * 1024;
constexpr std::string_view kUseUploadUrl =
    "The body is larger than an AWS Lambda function can take. Create the image with JSON (POST "
    "/images) and send its bytes to the upload_url of the answer.";
constexpr std::string_view kUseDownloadUrl =
    "The answer is larger than an AWS Lambda function can give. Ask for a link to it with GET "
    "/images/{image_id}/download.";

bool may_have_body(Method method) {
  return method == Method::put || method == Method::post || method == Method::patch;
}

Request request_of(const GatewayRequest& gateway, const GatewayCall& call) {
  Request request;
  request.method_text = gateway.method;
  request.method = parse_method(gateway.method);
  request.raw_path = gateway.path;
  request.raw_query = gateway.query;
  for (const auto& [name, value] : gateway.headers) request.headers.emplace_back(name, value);
  if (!request.header("x-request-id"))
    request.headers.emplace_back("X-Request-Id", call.invocation_id);
  if (gateway.body || may_have_body(request.method))
    request.content_length = gateway.body ? gateway.body->size() : 0;
  request.remote_address = gateway.source_ip;
  request.deadline = call.deadline;
  request.claims = gateway.claims;
  return request;
}

Response stream_body(HttpApi& api, const Plan& plan, const Request& request,
                     std::string_view body) {
  auto opened = api.open_sink(plan, request);
  if (auto* refusal = std::get_if<Response>(&opened)) return std::move(*refusal);
  auto& sink = std::get<std::unique_ptr<BodySink>>(opened);
  for (; !body.empty(); body.remove_prefix(std::min(kPiece, body.size())))
    if (auto early = sink->write(body.substr(0, kPiece))) return std::move(*early);
  return sink->finish();
}

Response run(HttpApi& api, Request& request, std::string_view body) {
  Plan plan = api.begin(request);
  if (plan.answer) return std::move(*plan.answer);
  if (body.size() > plan.max_body && plan.body != BodyKind::none)
    return api.refuse(request, 413, "payload_too_large", "The request body is too large.");
  if (plan.body == BodyKind::stream) return stream_body(api, plan, request, body);
  request.body = body;
  return api.handle(plan, request);
}

Response answer_or_refuse(HttpApi& api, const FunctionRights& rights, Request& request,
                          const GatewayRequest& gateway, const GatewayCall& call) try {
  if (call.event_size > kMaxLambdaPayload)
    return api.refuse(request, 413, "payload_too_large", kUseUploadUrl);
  if (gateway.body_is_broken)
    return api.refuse(request, 400, "malformed_request", "The body is not base64 as it should be.");
  if (!answers(rights, request.method, request.raw_path))
    return api.refuse(request, 404, "not_found", "This function does not answer this path.");
  return run(api, request, gateway.body ? std::string_view(*gateway.body) : std::string_view());
} catch (const std::exception& error) {
  log_error("a request failed", {{"request_id", request.request_id}, {"detail", error.what()}});
  return api.refuse(request, 500, "internal", "The request failed.");
}

}  // namespace

std::string answer_gateway(HttpApi& api, const FunctionRights& rights,
                           const GatewayRequest& gateway, const GatewayCall& call) {
  const auto started = std::chrono::steady_clock::now();
  Request request = request_of(gateway, call);
  Response response = answer_or_refuse(api, rights, request, gateway, call);
  const bool head = request.method == Method::head;
  auto answer = write_gateway_answer(gateway.format, response, head);
  if (!answer.ok()) {
    log_error("an answer failed", {{"detail", answer.error().detail}});
    response = api.refuse(request, 500, "internal", "The answer could not be read.");
    answer = write_gateway_answer(gateway.format, response, head);
  } else if (answer->size() > kMaxLambdaPayload) {
    response = api.refuse(request, 413, "answer_too_large", kUseDownloadUrl);
    answer = write_gateway_answer(gateway.format, response, head);
  }
  RequestTiming timing;
  timing.total = std::chrono::steady_clock::now() - started;
  timing.bytes_received = gateway.body ? gateway.body->size() : 0;
  timing.bytes_sent = answer->size();
  api.finish(request, response, timing);
  return std::move(*answer);
}

}  // namespace tintype

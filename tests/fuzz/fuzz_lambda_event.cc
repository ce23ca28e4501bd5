// Events of Lambda: what is understood as a request can be run and answered.
#include <boost/json.hpp>
#include <cstdlib>

#include "base/encoding.h"
#include "fronts/lambda/event.h"

namespace {

using namespace tintype;

bool is_raw_path(std::string_view path) {
  return path.starts_with('/') && path.find_first_of(" ?#\r\n") == path.npos;
}

void check(GatewayRequest request) {
  if (!is_raw_path(request.path) || request.method.empty()) std::abort();
  strip_base_path(request, "/v1");
  if (!is_raw_path(request.path)) std::abort();
  Response response;
  response.set("Content-Type", "text/plain");
  response.set("X-Path", request.path);
  response.body = request.body.value_or(request.query);
  auto answer = write_gateway_answer(request.format, response);
  if (!answer.ok() || !boost::json::parse(*answer).is_object()) std::abort();
}

void check(const S3Event& event) {
  for (const auto& arrival : event.arrivals)
    if (arrival.bucket.size() + arrival.key.size() > 1'000'000) std::abort();
}

void check(const QueueEvent& event) {
  std::vector<std::string> ids;
  for (const auto& message : event.messages) {
    ids.push_back(message.id);
    (void)parse_event(message.body);
  }
  if (!boost::json::parse(batch_failures(ids)).is_object()) std::abort();
}

void check(S3TestEvent) {}
void check(JanitorEvent) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto event = parse_event({reinterpret_cast<const char*>(data), size});
  if (!event.ok() && !event.error().is(ErrorKind::invalid)) std::abort();
  if (event.ok()) std::visit([](auto& kind) { check(std::move(kind)); }, *event);
  return 0;
}

#include "fronts/lambda/event.h"

#include <boost/json.hpp>

#include "fronts/lambda/json_text.h"

namespace tintype {
namespace {

using lambda_json::object_at;
using lambda_json::text_at;

Error malformed() { return invalid_error("malformed_event", "The event is not a JSON object."); }
Error unknown() {
  return invalid_error("unknown_event",
                       "The event is none of API Gateway, S3, SQS or an EventBridge schedule.");
}

bool is_http_v2(const boost::json::object& event) {
  const auto* context = object_at(event, "requestContext");
  return context && text_at(event, "version") == "2.0" && object_at(*context, "http");
}

bool is_http_v1(const boost::json::object& event) {
  return event.contains("httpMethod") && object_at(event, "requestContext");
}

// The source that the first record names; the records of one event all have the same.
std::string record_source(const boost::json::object& event) {
  const auto* records = event.if_contains("Records");
  const auto* array = records ? records->if_array() : nullptr;
  const auto* first = array && !array->empty() ? array->front().if_object() : nullptr;
  return first ? text_at(*first, "eventSource") : std::string();
}

bool is_schedule(const boost::json::object& event) {
  return text_at(event, "source") == "aws.events" || text_at(event, "source") == "aws.scheduler" ||
         text_at(event, "detail-type") == "Scheduled Event";
}

template <typename T>
Result<LambdaEvent> event_of(Result<T> parsed) {
  if (!parsed.ok()) return std::move(parsed).error();
  return LambdaEvent(std::move(*parsed));
}

Result<LambdaEvent> read_event(const boost::json::object& event) {
  if (is_http_v2(event)) return event_of(read_gateway_v2(event));
  if (is_http_v1(event)) return event_of(read_gateway_v1(event));
  auto source = record_source(event);
  if (source == "aws:sqs") return LambdaEvent(read_queue_records(event));
  if (source.ends_with(":s3")) return LambdaEvent(read_s3_records(event));
  if (text_at(event, "Event") == "s3:TestEvent") return LambdaEvent(S3TestEvent{});
  if (text_at(event, "source") == "aws.s3" && text_at(event, "detail-type") == "Object Created")
    return LambdaEvent(read_bridge_event(event));
  if (is_schedule(event) || text_at(event, "action") == "janitor")
    return LambdaEvent(JanitorEvent{});
  return unknown();
}

}  // namespace

Result<LambdaEvent> parse_event(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  const auto* event = error ? nullptr : value.if_object();
  return event ? read_event(*event) : malformed();
}

std::string_view event_name(const LambdaEvent& event) {
  constexpr std::string_view kNames[] = {"http", "s3", "sqs", "s3-test", "janitor"};
  return kNames[event.index()];
}

}  // namespace tintype

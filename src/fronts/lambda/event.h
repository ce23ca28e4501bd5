// What a function is called with: JSON of one of the shapes that its sources send.
#pragma once

#include <string_view>
#include <variant>

#include "base/result.h"
#include "fronts/lambda/api_gateway.h"
#include "fronts/lambda/s3_event.h"

namespace tintype {

// `s3:TestEvent`, which S3 sends when notifications are set up.
struct S3TestEvent {};
// A schedule of EventBridge, or `{"action":"janitor"}`.
struct JanitorEvent {};

using LambdaEvent = std::variant<GatewayRequest, S3Event, QueueEvent, S3TestEvent, JanitorEvent>;

// Errors: `invalid`, with code `malformed_event` for what is no JSON object or lacks what its shape
// must have, and `unknown_event` for other shapes. Details say nothing of what the event holds.
Result<LambdaEvent> parse_event(std::string_view text);

// `http`, `s3`, `sqs`, `s3-test` or `janitor`, for the log.
std::string_view event_name(const LambdaEvent& event);

}  // namespace tintype

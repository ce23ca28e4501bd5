// Answers the events of a function: the one place where each kind meets its service.
#pragma once

#include <functional>
#include <string>

#include "fronts/lambda/function_rights.h"
#include "fronts/lambda/runtime.h"
#include "handlers/api.h"
#include "services/service_context.h"

namespace tintype {

struct LambdaService {
  HttpApi& api;
  const ServiceContext& services;
  FunctionRights rights;
  // The path of the public URL (`/v1`), which requests may come with.
  std::string base_path;
  // Told with each request where clients reach the API, unless a setting says it. May be empty.
  std::function<void(const std::string& base_url)> on_base_url;
};

// API Gateway gets a proxy answer; SQS the messages to send again; S3 and the schedule `null` and
// what was done. An S3 event whose upload may succeed later fails, so that Lambda sends it again.
// An event that is malformed, unknown or another function's fails with a clear message.
FunctionAnswer answer_event(const LambdaService& service, const Invocation& invocation);

}  // namespace tintype

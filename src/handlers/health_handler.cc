#include <algorithm>

#include "base/json_writer.h"
#include "handlers/handlers.h"
#include "handlers/query_params.h"
#include "handlers/response.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

// Anybody may ask. What is said of credentials goes on, after the first colon or full stop, with
// the files where they were looked for and the account: that is for the log alone.
std::string shown(const Error& error) {
  if (!error.is("aws_credentials")) return error.detail;
  const auto end = std::min(error.detail.find(": "), error.detail.find(". "));
  return end == std::string::npos ? error.detail : error.detail.substr(0, end) + "; see the log.";
}

// One component's line in the answer of /readyz; returns whether it is well.
bool report(JsonWriter& json, std::string_view component, const Result<void>& state) {
  json.key(component);
  if (state.ok()) {
    json.string("ok");
    return true;
  }
  log_warn("not ready", {{"component", component}, {"detail", state.error().detail}});
  json.string(shown(state.error()));
  return false;
}

}  // namespace

Response healthz_handler(const ApiContext&, const Caller&, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return std::move(*refusal);
  return json_response(200, R"({"status":"ok"})");
}

Response readyz_handler(const ApiContext& context, const Caller&, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return std::move(*refusal);
  std::string checks;
  JsonWriter json(checks);
  json.begin_object();
  bool metadata = report(json, "metadata_store", context.services.metadata.check());
  bool objects = report(json, "object_store", context.services.objects.check());
  bool images = report(json, "image_engine", context.services.images.check());
  json.key("sandbox").string(context.config.sandbox);  // to know, not a reason to stop
  json.end_object();
  bool ready = metadata && objects && images;
  std::string body =
      ready ? R"({"status":"ready","checks":)" : R"({"status":"not_ready","checks":)";
  Response response = json_response(ready ? 200 : 503, body + checks + "}");
  if (!ready) response.set("Retry-After", "5");
  return response;
}

}  // namespace tintype

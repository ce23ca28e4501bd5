#include "adapters/aws/dynamodb_table_features.h"

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "adapters/aws/dynamodb_json.h"

namespace tintype::dynamodb {
namespace json = boost::json;
namespace {

constexpr milliseconds kPollInterval{250};

struct Feature {
  std::string_view name;
  std::string_view describe;
  std::string_view update;
  std::string update_body;
  // From the answer to `describe`, which has status 200.
  Result<bool> (*is_on)(const TableShape& table, const json::object& answer);
};

struct State {
  bool was_on = false;  // before we did anything
  bool is_known = true;
  std::string why;  // not known: the server's words
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// The text at a path of members; empty when there is none.
std::string text_at(const json::object& object, std::initializer_list<std::string_view> path) {
  const json::object* at = &object;
  for (const auto name : path) {
    const auto* value = at->if_contains(name);
    if (!value) return {};
    if (value->is_string()) return std::string(value->get_string());
    if (!value->is_object()) return {};
    at = &value->get_object();
  }
  return {};
}

Result<bool> is_ttl_on(const TableShape& table, const json::object& answer) {
  const auto status = text_at(answer, {"TimeToLiveDescription", "TimeToLiveStatus"});
  if (!is_one_of(status, {"ENABLED", "ENABLING"})) return false;
  const auto attribute = text_at(answer, {"TimeToLiveDescription", "AttributeName"});
  if (attribute.empty() || attribute == table.ttl) return true;
  return Error{ErrorKind::unavailable,
               "aws_table_differs",
               "DynamoDB table " + table.name + ": time to live is on for the attribute \"" +
                   attribute + "\" instead of \"" + table.ttl +
                   "\", and a table has it for one alone. Turn it off, or choose another "
                   "dynamodb.table_prefix.",
               {}};
}

Result<bool> is_recovery_on(const TableShape&, const json::object& answer) {
  return text_at(answer, {"ContinuousBackupsDescription", "PointInTimeRecoveryDescription",
                          "PointInTimeRecoveryStatus"}) == "ENABLED";
}

std::string table_body(const TableShape& table) {
  std::string body;
  JsonWriter(body).begin_object().key("TableName").string(table.name).end_object();
  return body;
}

Feature time_to_live(const TableShape& table) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name).key("TimeToLiveSpecification");
  out.begin_object().key("Enabled").boolean(true).key("AttributeName").string(table.ttl);
  out.end_object().end_object();
  return {"time to live", "DescribeTimeToLive", "UpdateTimeToLive", std::move(body), is_ttl_on};
}

Feature recovery(const TableShape& table) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name).key("PointInTimeRecoverySpecification");
  out.begin_object().key("PointInTimeRecoveryEnabled").boolean(true).end_object().end_object();
  return {"point-in-time recovery", "DescribeContinuousBackups", "UpdateContinuousBackups",
          std::move(body), is_recovery_on};
}

// A table that is not there, which servers say in various words, has it off.
Result<State> state_of(const TableWork& work, const Feature& feature) {
  const auto response = TRY(work.client.raw(feature.describe, table_body(work.table)));
  if (response.status == 200) {
    const auto answer = TRY(read_object(response.body));
    const bool is_on = TRY(feature.is_on(work.table, answer));
    return State{.was_on = is_on};
  }
  const Failure failure = parse_failure(response.body);
  if (is_one_of(failure.name,
                {"ResourceNotFoundException", "TableNotFoundException", "ResourceNotFound"}))
    return State();
  if (is_unknown_to_server(response)) return State{.is_known = false, .why = failure.message};
  return to_error(response, work.table.name);
}

Error not_turned_on(const HttpResponse& response, const TableShape& table, const Feature& feature) {
  Error error = to_error(response, table.name);
  if (!error.detail.ends_with('.')) error.detail += '.';
  error.detail += " This was to turn on " + std::string(feature.name) + ".";
  return error;
}

Result<State> turn_on(const TableWork& work, const Feature& feature) {
  const auto response =
      TRY(ask_when_ready(work.client, feature.update, feature.update_body, work.deadline));
  if (response.status == 200) return State();
  const Failure failure = parse_failure(response.body);
  if (is_unknown_to_server(response)) return State{.is_known = false, .why = failure.message};
  // "TimeToLive is already enabled": another run of this was quicker.
  if (failure.message.find("already") != std::string::npos) {
    auto now = TRY(state_of(work, feature));
    if (now.was_on) return now;
  }
  return not_turned_on(response, work.table, feature);
}

Result<void> turn_on_feature(const TableWork& work, const Feature& feature) {
  const std::string line = "table " + work.table.name + ": " + std::string(feature.name) + ": ";
  State state = TRY(state_of(work, feature));
  if (state.is_known && !state.was_on && !work.dry_run) state = TRY(turn_on(work, feature));
  if (!state.is_known)
    work.log.found(line + "is not known to this server" +
                   (state.why.empty() ? "" : " (" + state.why + ")"));
  else if (state.was_on) work.log.found(line + "is on");
  else work.log.changed(line + (work.dry_run ? "would be turned on" : "turned on"));
  return {};
}

}  // namespace

bool is_unknown_to_server(const HttpResponse& response) {
  if (response.status == 501) return true;
  const Failure failure = parse_failure(response.body);
  if (failure.name.empty())
    return response.status == 400 || response.status == 404 || response.status == 405;
  if (is_one_of(failure.name, {"UnknownOperationException", "UnknownOperation", "NotImplemented",
                               "NotImplementedException"}))
    return true;
  return failure.name == "ValidationException" &&
         (failure.message.find("not supported") != std::string::npos ||
          failure.message.find("not yet supported") != std::string::npos);
}

Result<HttpResponse> ask_when_ready(Client& client, std::string_view operation,
                                    const std::string& body, Deadline deadline) {
  while (true) {
    auto response = TRY(client.raw(operation, body));
    const std::string name = response.status == 200 ? "" : parse_failure(response.body).name;
    const bool is_early =
        name == "ContinuousBackupsUnavailableException" || name == "ResourceInUseException";
    if (!is_early || has_passed(deadline)) return response;
    std::this_thread::sleep_for(kPollInterval);
  }
}

Result<void> turn_on_features(const TableWork& work) {
  if (!work.table.ttl.empty()) TRY(turn_on_feature(work, time_to_live(work.table)));
  return turn_on_feature(work, recovery(work.table));
}

}  // namespace tintype::dynamodb

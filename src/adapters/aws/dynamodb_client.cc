#include "adapters/aws/dynamodb_client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "adapters/aws/dynamodb_json.h"

namespace tintype::dynamodb {
namespace json = boost::json;
namespace {

Result<std::vector<Item>> read_items(const json::value* list) {
  std::vector<Item> items;
  if (!list || !list->is_array()) return items;
  items.reserve(list->get_array().size());
  for (const auto& element : list->get_array()) items.push_back(TRY(read_item(element)));
  return items;
}

// The member of a member, as in {"Responses": {"images": [...]}}.
const json::value* nested(const json::object& object, std::string_view outer,
                          std::string_view inner) {
  const auto* value = object.if_contains(outer);
  return value && value->is_object() ? value->get_object().if_contains(inner) : nullptr;
}

Outcome refused(const Failure& failure) {
  Outcome outcome{.done = false};
  if (failure.is_condition()) outcome.refusals.push_back({true, failure.item});
  for (const auto& reason : failure.reasons)
    outcome.refusals.push_back({reason.code == "ConditionalCheckFailed", reason.item});
  return outcome;
}

double units_in(const json::value& value) {
  if (value.is_array()) {
    double sum = 0;
    for (const auto& element : value.get_array()) sum += units_in(element);
    return sum;
  }
  const auto* units = value.is_object() ? value.get_object().if_contains("CapacityUnits") : nullptr;
  return units && units->is_number() ? units->to_number<double>() : 0;
}

// A BatchWriteItem of what another one left over.
std::string rest_body(const json::value& left, bool return_capacity) {
  json::object body{{"RequestItems", left}};
  if (return_capacity) body["ReturnConsumedCapacity"] = "TOTAL";
  return json::serialize(body);
}

std::string table_of_first(const std::vector<Write>& writes) {
  return std::visit([](const auto& write) { return write.table; }, writes.front());
}

}  // namespace

Client::Client(AwsClient& aws, Random& random, ClientOptions options)
    : aws_(aws), random_(random), options_(options) {}

Result<AwsAnswer> Client::send(std::string_view operation, std::string body, Deadline deadline) {
  AwsRequest request;
  request.method = "POST";
  request.headers = {{"content-type", "application/x-amz-json-1.0"},
                     {"accept-encoding", "identity"},
                     {"x-amz-target", "DynamoDB_20120810." + std::string(operation)}};
  request.body = std::move(body);
  request.deadline = deadline;
  auto answer = aws_.send(request, judge);
  if (!answer.ok())
    return unreachable_error(std::move(answer).error(), "DynamoDB", "dynamodb.endpoint");
  if (!is_intact(answer->response))
    return unavailable_error("DynamoDB's answers arrive damaged: their checksums do not fit.");
  if (options_.count_capacity) add_capacity(answer->response.body);
  return answer;
}

Result<HttpResponse> Client::raw(std::string_view operation, std::string body) {
  return std::move(TRY(send(operation, std::move(body), deadline())).response);
}

Result<std::string> Client::call(std::string_view operation, std::string body,
                                 std::string_view table) {
  auto response = TRY(raw(operation, std::move(body)));
  if (response.status != 200) return to_error(response, table);
  return std::move(response.body);
}

Result<std::optional<Item>> Client::get(std::string_view table, const Item& key) {
  const auto body = TRY(call("GetItem", get_body(table, key, options_.count_capacity), table));
  const auto object = TRY(read_object(body));
  const auto* item = object.if_contains("Item");
  if (!item) return std::optional<Item>();
  return std::optional(TRY(read_item(*item)));
}

Result<Outcome> Client::write(const Write& write) {
  const auto answer =
      TRY(send(operation_of(write), write_body(write, options_.count_capacity), deadline()));
  Outcome outcome;
  if (answer.response.status != 200) {
    const Failure failure = parse_failure(answer.response.body);
    if (!failure.is_condition()) return to_error(answer.response, table_of_first({write}));
    outcome = refused(failure);
  } else if (const auto* update = std::get_if<Update>(&write); update && update->return_new) {
    const auto object = TRY(read_object(answer.response.body));
    if (const auto* item = object.if_contains("Attributes")) outcome.after = TRY(read_item(*item));
  }
  outcome.repeated = answer.attempts > 1;
  return outcome;
}

Result<Outcome> Client::transact(const std::vector<Write>& writes) {
  const auto answer =
      TRY(send("TransactWriteItems", transact_body(writes, new_token(), options_.count_capacity),
               deadline()));
  Outcome outcome;
  if (answer.response.status != 200) {
    const Failure failure = parse_failure(answer.response.body);
    if (!failure.is_refused_transaction()) return to_error(answer.response, table_of_first(writes));
    outcome = refused(failure);
  }
  outcome.repeated = answer.attempts > 1;
  return outcome;
}

Result<Page> Client::query(const Query& query) {
  const auto body = TRY(call("Query", query_body(query, options_.count_capacity), query.table));
  const auto object = TRY(read_object(body));
  Page page;
  page.items = TRY(read_items(object.if_contains("Items")));
  if (const auto* key = object.if_contains("LastEvaluatedKey"); key && key->is_object())
    page.last_key = TRY(read_item(*key));
  return page;
}

Result<std::vector<Item>> Client::batch_get_part(std::string_view table, std::vector<Item> keys) {
  std::vector<Item> found;
  const Deadline until = deadline();
  for (int attempt = 1; !keys.empty(); ++attempt) {
    const auto answer =
        TRY(send("BatchGetItem", batch_get_body(table, keys, options_.count_capacity), until));
    if (answer.response.status != 200) return to_error(answer.response, table);
    const auto object = TRY(read_object(answer.response.body));
    for (auto& item : TRY(read_items(nested(object, "Responses", table))))
      found.push_back(std::move(item));
    const auto* left = nested(object, "UnprocessedKeys", table);
    keys = TRY(
        read_items(left && left->is_object() ? left->get_object().if_contains("Keys") : nullptr));
    if (keys.empty()) break;
    const auto wait = wait_before_retry(aws_.options().retry, attempt, true, until, random_);
    if (!wait) return unavailable_error("DynamoDB did not answer for all records in time.");
    std::this_thread::sleep_for(*wait);
  }
  return found;
}

Result<std::vector<Item>> Client::batch_get(std::string_view table, const std::vector<Item>& keys) {
  std::vector<Item> found;
  for (std::size_t at = 0; at < keys.size(); at += kMostInBatchGet) {
    const auto end = std::min(keys.size(), at + kMostInBatchGet);
    std::vector<Item> part(keys.begin() + static_cast<std::ptrdiff_t>(at),
                           keys.begin() + static_cast<std::ptrdiff_t>(end));
    for (auto& item : TRY(batch_get_part(table, std::move(part)))) found.push_back(std::move(item));
  }
  return found;
}

// The server answers with what it did not take, in the form of the request.
Result<void> Client::batch_write_part(const std::vector<Write>& part) {
  std::string body = batch_write_body(part, options_.count_capacity);
  const Deadline until = deadline();
  for (int attempt = 1;; ++attempt) {
    const auto answer = TRY(send("BatchWriteItem", std::move(body), until));
    if (answer.response.status != 200) return to_error(answer.response, table_of_first(part));
    const auto object = TRY(read_object(answer.response.body));
    const auto* left = object.if_contains("UnprocessedItems");
    if (!left || !left->is_object() || left->get_object().empty()) return {};
    body = rest_body(*left, options_.count_capacity);
    const auto wait = wait_before_retry(aws_.options().retry, attempt, true, until, random_);
    if (!wait) return unavailable_error("DynamoDB did not take all rows in time.");
    std::this_thread::sleep_for(*wait);
  }
}

Result<void> Client::batch_write(const std::vector<Write>& writes) {
  for (std::size_t at = 0; at < writes.size(); at += kMostInBatchWrite) {
    const auto end = std::min(writes.size(), at + kMostInBatchWrite);
    TRY(batch_write_part({writes.begin() + static_cast<std::ptrdiff_t>(at),
                          writes.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  return {};
}

void Client::add_capacity(std::string_view body) {
  const auto object = read_object(body);
  if (!object.ok()) return;
  const auto* consumed = object->if_contains("ConsumedCapacity");
  if (!consumed) return;
  std::lock_guard lock(mutex_);
  capacity_ += units_in(*consumed);
}

double Client::capacity() const {
  std::lock_guard lock(mutex_);
  return capacity_;
}

}  // namespace tintype::dynamodb

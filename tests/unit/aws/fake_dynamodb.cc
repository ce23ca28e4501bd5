#include "fake_dynamodb.h"

#include <boost/json.hpp>
#include <stdexcept>

#include "adapters/aws/dynamodb_json.h"
#include "dynamodb_expression.h"

namespace tintype::testing {
namespace json = boost::json;
using dynamodb::Item;

namespace {

constexpr std::size_t kMostInItem = 400'000;
const std::string kSuccess = "{}";

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

std::string failure(const std::string& name, const std::string& message,
                    const std::string& more = "") {
  return "{\"__type\":\"com.amazonaws.dynamodb.v20120810#" + name + "\",\"message\":\"" + message +
         "\"" + more + "}";
}

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value ? std::string(value->as_string()) : std::string();
}

Item item_in(const json::value& value) {
  auto item = dynamodb::read_item(value);
  if (!item.ok()) refuse("no item");
  return std::move(*item);
}

void refuse_empty_sets(const dynamodb::Value& value) {
  if (const auto* set = value.as<dynamodb::StringSet>(); set && set->empty())
    refuse("a set may not be empty");
  if (const auto* item = value.as<Item>())
    for (const auto& [name, inner] : *item) refuse_empty_sets(inner);
}

Bindings bindings_in(const json::object& object) {
  Bindings bindings;
  if (const auto* names = object.if_contains("ExpressionAttributeNames"))
    for (const auto& [placeholder, name] : names->as_object())
      bindings.names[placeholder] = std::string(name.as_string());
  if (const auto* values = object.if_contains("ExpressionAttributeValues"))
    bindings.values = item_in(*values);
  for (const auto& [placeholder, value] : bindings.values) refuse_empty_sets(value);
  return bindings;
}

std::string json_of(const Item& item) {
  std::string out;
  JsonWriter writer(out);
  dynamodb::write_item(writer, item);
  return out;
}

}  // namespace

struct FakeDynamoDb::Table {
  struct Index {
    std::string partition, sort;
  };
  Index key;
  std::map<std::string, Index> indexes;
  std::map<std::string, Item> items;

  Item key_of(const Item& item) const {
    Item out;
    for (const auto& name : {key.partition, key.sort})
      if (!name.empty()) {
        const auto text = dynamodb::text_of(item, name);
        if (text.empty()) refuse("the key " + name + " is missing or empty");
        if (text.size() > (name == key.partition ? 2048u : 1024u)) refuse("a key is too long");
        out.emplace(name, text);
      }
    return out;
  }
  std::string name_of(const Item& item) const {
    const Item parts = key_of(item);
    std::string name = dynamodb::text_of(parts, key.partition);
    if (!key.sort.empty()) name += "|" + dynamodb::text_of(parts, key.sort);
    return name;
  }
  std::string name_of_key(const Item& item) const {
    if (item != key_of(item)) refuse("the key does not match the schema");
    return name_of(item);
  }
  void check(const Item& item) const {
    (void)key_of(item);
    if (json_of(item).size() > kMostInItem) refuse("Item size has exceeded the maximum");
    for (const auto& [name, index] : indexes)
      for (const auto& part : {index.partition, index.sort})
        if (item.contains(part) && dynamodb::text_of(item, part).empty())
          refuse("the index key " + part + " is no text, or empty");
  }
};

struct FakeDynamoDb::Request {
  json::object object;
};

FakeDynamoDb::FakeDynamoDb()
    : server_([this](const FakeRequest& request) { return serve(request); }) {
  const auto names = FakeDynamoDb::names();
  tables_[names.images] =
      std::make_shared<Table>(Table{{"image_id", ""},
                                    {{"UserIndex", {"user_status", "listed_at"}},
                                     {"StatusIndex", {"status_shard", "listed_at"}},
                                     {"DueIndex", {"due_shard", "due_at"}}},
                                    {}});
  tables_[names.tags] = std::make_shared<Table>(
      Table{{"list", "listed_at"}, {{"TagIndex", {"tag_shard", "listed_at"}}}, {}});
  tables_[names.ledger] = std::make_shared<Table>(
      Table{{"key", ""}, {{"ExpiryIndex", {"expiry_shard", "expires_at"}}}, {}});
}

FakeDynamoDb::Table& FakeDynamoDb::table(const std::string& name) {
  const auto it = tables_.find(name);
  if (it == tables_.end()) refuse("no such table: " + name);
  return *it->second;
}

std::vector<std::string> FakeDynamoDb::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

std::map<std::string, Item> FakeDynamoDb::items(const std::string& name) const {
  std::lock_guard lock(mutex_);
  return tables_.at(name)->items;
}

void FakeDynamoDb::put(const std::string& name, const Item& item) {
  std::lock_guard lock(mutex_);
  table(name).items[table(name).name_of(item)] = item;
}

std::string FakeDynamoDb::serve(const FakeRequest& request) {
  std::string operation = request.header("x-amz-target");
  operation.erase(0, operation.find('.') + 1);
  std::lock_guard lock(mutex_);
  operations_.push_back(operation);
  const Fault fault = plan ? plan(calls_, operation) : Fault::none;
  ++calls_;
  if (fault == Fault::lost_request) return "";
  if (fault == Fault::throttled) return answer(400, failure("ThrottlingException", "slower"));
  if (fault == Fault::forbidden) return answer(400, failure("AccessDeniedException", "no"));
  std::string body;
  try {
    body = run(operation, request.body);
  } catch (const std::exception& error) {
    body = failure("ValidationException", error.what());
  }
  if (fault == Fault::lost_answer) return "";
  return answer(body.starts_with("{\"__type\"") ? 400 : 200, body);
}

std::string FakeDynamoDb::run(const std::string& operation, const std::string& body) {
  Request request{json::parse(body).as_object()};
  if (operation == "GetItem") return get(request);
  if (operation == "Query") return query(request);
  if (operation == "TransactWriteItems") return transact(request);
  if (operation == "BatchGetItem") return batch_get(request);
  if (operation == "BatchWriteItem") return batch_write(request);
  return write(request, operation);
}

std::string FakeDynamoDb::get(Request& request) {
  Table& from = table(text_in(request.object, "TableName"));
  const auto it = from.items.find(from.name_of_key(item_in(request.object.at("Key"))));
  return it == from.items.end() ? kSuccess : "{\"Item\":" + json_of(it->second) + "}";
}

namespace {

template <typename Table>
auto decide(Table& in, const std::string& operation, const json::object& action) {
  struct Decision {
    Table* table;
    std::string name;
    std::optional<Item> before, after;
    bool refused = false;
  } out{&in, {}, {}, {}};
  Bindings bindings = bindings_in(action);
  const Item given = item_in(action.at(operation == "Put" ? "Item" : "Key"));
  out.name = operation == "Put" ? in.name_of(given) : in.name_of_key(given);
  if (const auto it = in.items.find(out.name); it != in.items.end()) out.before = it->second;
  const std::string condition = text_in(action, "ConditionExpression");
  out.refused = !holds(condition, bindings, out.before ? &*out.before : nullptr);
  if (operation == "Put") out.after = given;
  if (operation == "Update") {
    const std::string update = text_in(action, "UpdateExpression");
    for (const auto& name : attributes_in(update, bindings))
      if (given.contains(name)) refuse("an update may not change the key");
    Item item = out.before.value_or(given);
    if (!out.refused) apply_update(update, bindings, item);
    else (void)attributes_in(update, bindings);
    out.after = std::move(item);
  }
  if (!out.refused) bindings.check_all_used();
  if (out.after) in.check(*out.after);
  return out;
}

template <typename Decision>
void carry_out(const Decision& decision) {
  if (decision.after) decision.table->items[decision.name] = *decision.after;
  else decision.table->items.erase(decision.name);
}

}  // namespace

std::string FakeDynamoDb::write(Request& request, const std::string& operation) {
  if (!operation.ends_with("Item")) refuse("no such operation: " + operation);
  const auto decision = decide(table(text_in(request.object, "TableName")),
                               operation.substr(0, operation.size() - 4), request.object);
  if (decision.refused)
    return failure("ConditionalCheckFailedException", "The conditional request failed",
                   decision.before ? ",\"Item\":" + json_of(*decision.before) : "");
  carry_out(decision);
  const bool wants_new = text_in(request.object, "ReturnValues") == "ALL_NEW";
  return wants_new ? "{\"Attributes\":" + json_of(*decision.after) + "}" : kSuccess;
}

std::string FakeDynamoDb::transact(Request& request) {
  const auto& actions = request.object.at("TransactItems").as_array();
  if (actions.empty() || actions.size() > 100) refuse("1 to 100 actions");
  const std::string token = text_in(request.object, "ClientRequestToken");
  if (token.empty() || token.size() > 36) refuse("a token of 1 to 36 characters");
  if (has_tokens && tokens_.contains(token)) return kSuccess;
  std::vector<decltype(decide(*tables_.begin()->second, "", json::object()))> decisions;
  std::set<std::pair<Table*, std::string>> touched;
  bool refused = false;
  std::string codes, members;
  for (const auto& element : actions) {
    const auto& [operation, action] = *element.as_object().begin();
    if (action.as_object().contains("ReturnValues")) refuse("no ReturnValues in transactions");
    decisions.push_back(decide(table(text_in(action.as_object(), "TableName")),
                               std::string(operation), action.as_object()));
    const auto& decision = decisions.back();
    if (!touched.emplace(decision.table, decision.name).second)
      refuse("Transaction request cannot include multiple operations on one item");
    refused = refused || decision.refused;
    const std::string code = decision.refused ? "ConditionalCheckFailed" : "None";
    codes += (codes.empty() ? "" : ", ") + code;
    members += (members.empty() ? "" : ",") + std::string("{\"Code\":\"") + code + "\"" +
               (decision.refused && decision.before ? ",\"Item\":" + json_of(*decision.before)
                                                    : std::string()) +
               "}";
  }
  if (refused)
    return failure("TransactionCanceledException", "Transaction cancelled [" + codes + "]",
                   returns_reasons_as_members ? ",\"CancellationReasons\":[" + members + "]" : "");
  for (const auto& decision : decisions) carry_out(decision);
  tokens_.insert(token);
  return kSuccess;
}

std::string FakeDynamoDb::query(Request& request) {
  const auto& object = request.object;
  Table& from = table(text_in(object, "TableName"));
  const std::string index = text_in(object, "IndexName");
  if (!index.empty() && object.contains("ConsistentRead")) refuse("an index is not consistent");
  const auto& key = index.empty() ? from.key : from.indexes.at(index);
  Bindings bindings = bindings_in(object);
  const std::string condition = text_in(object, "KeyConditionExpression");
  const std::string filter = text_in(object, "FilterExpression");
  for (const auto& name : attributes_in(filter, bindings))
    if (name == key.partition || name == key.sort) refuse("a filter may not use the key " + name);
  std::map<std::string, const Item*> sorted;
  for (const auto& [name, item] : from.items)
    if (item.contains(key.partition) && item.contains(key.sort) &&
        holds(condition, bindings, &item))
      sorted.emplace(dynamodb::text_of(item, key.sort) + "|" + name, &item);
  std::vector<std::pair<std::string, const Item*>> order(sorted.begin(), sorted.end());
  if (sorted.empty()) (void)holds(condition, bindings, nullptr);
  if (!object.at("ScanIndexForward").as_bool()) std::ranges::reverse(order);
  std::size_t limit = most_in_page;
  if (const auto* wanted = object.if_contains("Limit")) {
    if (wanted->to_number<std::int64_t>() < 1) refuse("Limit is at least 1");
    limit = std::min(limit, wanted->to_number<std::size_t>());
  }
  auto at = order.begin();
  if (const auto* start = object.if_contains("ExclusiveStartKey")) {
    const Item place = item_in(*start);
    const std::string name = dynamodb::text_of(place, key.sort) + "|" + from.name_of(place);
    at = std::ranges::find(order, name, [](const auto& entry) { return entry.first; });
    if (at == order.end()) refuse("this fake goes on after items that are there");
    ++at;
  }
  std::string items;
  const Item* last = nullptr;
  for (; limit > 0 && at != order.end(); --limit, ++at) {
    last = at->second;
    if (holds(filter, bindings, last)) items += (items.empty() ? "" : ",") + json_of(*last);
  }
  if (!filter.empty() && order.empty()) (void)holds(filter, bindings, nullptr);
  (void)attributes_in(filter, bindings);
  if (last || filter.empty()) bindings.check_all_used();
  std::string out = "{\"Items\":[" + items + "]";
  if (limit == 0 && last) {
    Item place = from.key_of(*last);
    for (const auto& name : {key.partition, key.sort})
      place.insert_or_assign(name, dynamodb::text_of(*last, name));
    out += ",\"LastEvaluatedKey\":" + json_of(place);
  }
  return out + "}";
}

std::string FakeDynamoDb::batch_get(Request& request) {
  std::string found, left;
  const auto& [name, wish] = *request.object.at("RequestItems").as_object().begin();
  const auto& keys = wish.as_object().at("Keys").as_array();
  if (keys.empty() || keys.size() > 100) refuse("1 to 100 keys");
  Table& from = table(name);
  std::set<std::string> seen;
  for (const auto& element : keys) {
    const Item key = item_in(element);
    if (!seen.insert(from.name_of_key(key)).second) refuse("Provided list contains duplicates");
    const auto it = from.items.find(from.name_of(key));
    if (seen.size() > most_in_batch_get) left += (left.empty() ? "" : ",") + json_of(key);
    else if (it != from.items.end()) found += (found.empty() ? "" : ",") + json_of(it->second);
  }
  const std::string table_name = "\"" + std::string(name) + "\"";
  if (!left.empty()) left = table_name + ":{\"ConsistentRead\":true,\"Keys\":[" + left + "]}";
  return "{\"Responses\":{" + table_name + ":[" + found + "]},\"UnprocessedKeys\":{" + left + "}}";
}

std::string FakeDynamoDb::batch_write(Request& request) {
  std::size_t count = 0;
  json::object left;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& [name, writes] : request.object.at("RequestItems").as_object()) {
    Table& to = table(name);
    for (const auto& element : writes.as_array()) {
      const auto* put = element.as_object().if_contains("PutRequest");
      const Item item = item_in(put ? put->at("Item") : element.at("DeleteRequest").at("Key"));
      const std::string place = put ? to.name_of(item) : to.name_of_key(item);
      if (!seen.emplace(name, place).second) refuse("Provided list contains duplicates");
      if (++count > 25) refuse("at most 25 writes");
      if (count > most_in_batch_write) {
        auto& list = left[name];
        if (!list.is_array()) list = json::array();
        list.as_array().push_back(element);
      } else if (put) {
        to.check(item);
        to.items[place] = item;
      } else {
        to.items.erase(place);
      }
    }
  }
  if (count == 0) refuse("at least one write");
  return "{\"UnprocessedItems\":" + json::serialize(left) + "}";
}

}  // namespace tintype::testing

#include "adapters/aws/dynamodb_request.h"

namespace tintype::dynamodb {
namespace {

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.key(name).string(text);
}

void write_capacity(JsonWriter& json, bool wanted) {
  if (wanted) json.key("ReturnConsumedCapacity").string("TOTAL");
}

// The members of one write, without the braces.
struct Members {
  JsonWriter& json;

  void operator()(const Put& put) const {
    json.key("TableName").string(put.table).key("Item");
    write_item(json, put.item);
    end(put.condition, put.placeholders);
  }
  void operator()(const Update& update) const {
    json.key("TableName").string(update.table).key("Key");
    write_item(json, update.key);
    json.key("UpdateExpression").string(update.update);
    if (update.return_new) json.key("ReturnValues").string("ALL_NEW");
    end(update.condition, update.placeholders);
  }
  void operator()(const Delete& gone) const {
    json.key("TableName").string(gone.table).key("Key");
    write_item(json, gone.key);
    end(gone.condition, gone.placeholders);
  }
  void end(const std::string& condition, const Placeholders& placeholders) const {
    write_text(json, "ConditionExpression", condition);
    if (!condition.empty()) json.key("ReturnValuesOnConditionCheckFailure").string("ALL_OLD");
    placeholders.write(json);
  }
};

std::string_view short_name(const Write& write) {
  constexpr std::string_view kNames[] = {"Put", "Update", "Delete"};
  return kNames[write.index()];
}

const std::string& table_of(const Write& write) {
  return std::visit([](const auto& one) -> const std::string& { return one.table; }, write);
}

void write_batch_entry(JsonWriter& json, const Write& write) {
  json.begin_object();
  if (const auto* put = std::get_if<Put>(&write)) {
    json.key("PutRequest").begin_object().key("Item");
    write_item(json, put->item);
  } else {
    json.key("DeleteRequest").begin_object().key("Key");
    write_item(json, std::get<Delete>(write).key);
  }
  json.end_object().end_object();
}

}  // namespace

std::string Placeholders::name(std::string_view attribute) {
  for (const auto& [placeholder, known] : names_)
    if (known == attribute) return placeholder;
  names_.emplace_back("#n" + std::to_string(names_.size()), attribute);
  return names_.back().first;
}

std::string Placeholders::value(Value value) {
  std::string placeholder = ":v" + std::to_string(values_.size());
  values_.emplace(placeholder, std::move(value));
  return placeholder;
}

void Placeholders::write(JsonWriter& json) const {
  if (!names_.empty()) {
    json.key("ExpressionAttributeNames").begin_object();
    for (const auto& [placeholder, attribute] : names_) json.key(placeholder).string(attribute);
    json.end_object();
  }
  if (!values_.empty()) {
    json.key("ExpressionAttributeValues");
    write_item(json, values_);
  }
}

std::string_view operation_of(const Write& write) {
  constexpr std::string_view kNames[] = {"PutItem", "UpdateItem", "DeleteItem"};
  return kNames[write.index()];
}

std::string write_body(const Write& write, bool return_capacity) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  std::visit(Members{json}, write);
  write_capacity(json, return_capacity);
  json.end_object();
  return body;
}

std::string transact_body(const std::vector<Write>& writes, std::string_view token,
                          bool return_capacity) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("ClientRequestToken").string(token);
  json.key("TransactItems").begin_array();
  for (const auto& write : writes) {
    json.begin_object().key(short_name(write)).begin_object();
    std::visit(Members{json}, write);
    json.end_object().end_object();
  }
  json.end_array();
  write_capacity(json, return_capacity);
  json.end_object();
  return body;
}

std::string get_body(std::string_view table, const Item& key, bool return_capacity) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("TableName").string(table).key("Key");
  write_item(json, key);
  json.key("ConsistentRead").boolean(true);
  write_capacity(json, return_capacity);
  json.end_object();
  return body;
}

std::string query_body(const Query& query, bool return_capacity) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("TableName").string(query.table);
  write_text(json, "IndexName", query.index);
  json.key("KeyConditionExpression").string(query.key_condition);
  write_text(json, "FilterExpression", query.filter);
  query.placeholders.write(json);
  json.key("ScanIndexForward").boolean(query.forward);
  if (query.consistent) json.key("ConsistentRead").boolean(true);
  if (query.limit > 0) json.key("Limit").number(std::uint64_t{query.limit});
  if (query.start) {
    json.key("ExclusiveStartKey");
    write_item(json, *query.start);
  }
  write_capacity(json, return_capacity);
  json.end_object();
  return body;
}

std::string batch_get_body(std::string_view table, const std::vector<Item>& keys,
                           bool return_capacity) {
  std::string body, name(table);
  JsonWriter json(body);
  json.begin_object().key("RequestItems").begin_object().key(name).begin_object();
  json.key("Keys").begin_array();
  for (const auto& key : keys) write_item(json, key);
  json.end_array().key("ConsistentRead").boolean(true).end_object().end_object();
  write_capacity(json, return_capacity);
  json.end_object();
  return body;
}

std::string batch_write_body(const std::vector<Write>& writes, bool return_capacity) {
  std::map<std::string, std::vector<const Write*>> by_table;
  for (const auto& write : writes) by_table[table_of(write)].push_back(&write);
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("RequestItems").begin_object();
  for (const auto& [table, members] : by_table) {
    json.key(table).begin_array();
    for (const Write* write : members) write_batch_entry(json, *write);
    json.end_array();
  }
  json.end_object();
  write_capacity(json, return_capacity);
  json.end_object();
  return body;
}

}  // namespace tintype::dynamodb

#include "adapters/aws/dynamodb_table_shape.h"

#include <algorithm>

#include "base/json_writer.h"

namespace tintype::dynamodb {
namespace {

constexpr std::string_view kText = "S";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::vector<std::string> attributes_of(const KeyNames& keys) {
  if (keys.sort.empty()) return {keys.partition};
  return {keys.partition, keys.sort};
}

void write_key(JsonWriter& out, std::string_view name, std::string_view type) {
  out.begin_object().key("AttributeName").string(name).key("KeyType").string(type).end_object();
}

void write_keys(JsonWriter& out, const KeyNames& keys) {
  out.key("KeySchema").begin_array();
  write_key(out, keys.partition, "HASH");
  if (!keys.sort.empty()) write_key(out, keys.sort, "RANGE");
  out.end_array();
}

void write_attributes(JsonWriter& out, const std::map<std::string, std::string>& types) {
  out.key("AttributeDefinitions").begin_array();
  for (const auto& [name, type] : types)
    out.begin_object()
        .key("AttributeName")
        .string(name)
        .key("AttributeType")
        .string(type)
        .end_object();
  out.end_array();
}

void write_index(JsonWriter& out, const IndexShape& index) {
  out.begin_object().key("IndexName").string(index.name);
  write_keys(out, index.keys);
  out.key("Projection").begin_object().key("ProjectionType").string(projection_of(index));
  out.end_object().end_object();
}

void add_types(std::map<std::string, std::string>& types, const KeyNames& keys) {
  for (auto& name : attributes_of(keys)) types.emplace(std::move(name), kText);
}

Error differs(const TableShape& table, const std::string& what, std::string_view advice) {
  return {
      ErrorKind::unavailable,
      "aws_table_differs",
      "DynamoDB table " + table.name + " is not Tintype's: " + what + ". " + std::string(advice),
      {}};
}

std::string instead(const KeyNames& found, const KeyNames& wanted) {
  return "(" + to_text(found) + ") instead of (" + to_text(wanted) + ")";
}

Result<void> check_types(const TableShape& table, const TableDescription& description,
                         const KeyNames& keys) {
  for (const auto& name : attributes_of(keys)) {
    const auto found = description.types.find(name);
    if (found == description.types.end() || found->second == kText) continue;
    return differs(table,
                   "its attribute " + name + " is of type " + found->second + " instead of " +
                       std::string(kText),
                   kOtherTable);
  }
  return {};
}

Result<void> check_index(const TableShape& table, const IndexShape& wanted,
                         const IndexDescription& found) {
  const std::string its = "its index " + wanted.name;
  if (found.keys != wanted.keys)
    return differs(table, its + " is on " + instead(found.keys, wanted.keys), kOtherTable);
  if (!wanted.whole || found.projection.empty() || found.projection == "ALL") return {};
  return differs(
      table,
      its + " holds " + found.projection + " instead of " + std::string(projection_of(wanted)),
      "Replace the index by one of all attributes, or choose another "
      "dynamodb.table_prefix.");
}

}  // namespace

std::string_view projection_of(const IndexShape& index) {
  return index.whole ? "ALL" : "KEYS_ONLY";
}

std::vector<TableShape> table_shapes(const TableNames& names) {
  const auto text = [](std::string_view name) { return std::string(name); };
  return {{names.images,
           {"image_id", ""},
           {{text(kUserIndex), {"user_status", "listed_at"}},
            {text(kStatusIndex), {"status_shard", "listed_at"}},
            {text(kDueIndex), {"due_shard", "due_at"}}},
           ""},
          {names.tags, {"list", "listed_at"}, {{text(kTagIndex), {"tag_shard", "listed_at"}}}, ""},
          {names.ledger,
           {"key", ""},
           {{text(kExpiryIndex), {"expiry_shard", "expires_at"}, false}},
           "ttl"}};
}

std::string create_table_body(const TableShape& table) {
  std::map<std::string, std::string> types;
  add_types(types, table.keys);
  for (const auto& index : table.indexes) add_types(types, index.keys);
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name);
  out.key("BillingMode").string("PAY_PER_REQUEST");
  write_attributes(out, types);
  write_keys(out, table.keys);
  out.key("GlobalSecondaryIndexes").begin_array();
  for (const auto& index : table.indexes) write_index(out, index);
  out.end_array().end_object();
  return body;
}

std::string add_index_body(const TableShape& table, const IndexShape& index,
                           const TableDescription& description) {
  auto types = description.types;
  add_types(types, index.keys);
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name);
  write_attributes(out, types);
  out.key("GlobalSecondaryIndexUpdates").begin_array().begin_object().key("Create");
  write_index(out, index);
  out.end_object().end_array().end_object();
  return body;
}

Result<void> check_shape(const TableShape& table, const TableDescription& description) {
  if (description.keys != table.keys)
    return differs(table, "its key is " + instead(description.keys, table.keys), kOtherTable);
  TRY(check_types(table, description, table.keys));
  for (const auto& index : table.indexes) {
    TRY(check_types(table, description, index.keys));
    if (const auto* found = description.index(index.name)) TRY(check_index(table, index, *found));
  }
  return {};
}

std::vector<IndexShape> missing_indexes(const TableShape& table,
                                        const TableDescription& description) {
  std::vector<IndexShape> missing;
  for (const auto& index : table.indexes)
    if (!description.index(index.name)) missing.push_back(index);
  return missing;
}

bool is_surely_ours(const TableShape& table, const TableDescription& description) {
  return missing_indexes(table, description).size() < table.indexes.size();
}

Error lacks_index(const TableShape& table, const IndexShape& index, std::string_view advice) {
  return {ErrorKind::unavailable,
          "aws_table_differs",
          "DynamoDB table " + table.name + " lacks the index " + index.name + " on (" +
              to_text(index.keys) + "). " + std::string(advice),
          {}};
}

const IndexDescription* unready_index(const TableShape& table,
                                      const TableDescription& description) {
  for (const auto& index : table.indexes) {
    const auto* found = description.index(index.name);
    if (found && !is_one_of(found->status, {"", "ACTIVE", "UPDATING"})) return found;
  }
  return nullptr;
}

}  // namespace tintype::dynamodb

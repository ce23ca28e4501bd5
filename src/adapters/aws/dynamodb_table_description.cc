#include "adapters/aws/dynamodb_table_description.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/aws/dynamodb_json.h"

namespace tintype::dynamodb {
namespace json = boost::json;
namespace {

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// Calls `use` with each object of the array of that name.
template <typename Use>
void each_at(const json::object& object, std::string_view name, const Use& use) {
  const auto* list = object.if_contains(name);
  if (!list || !list->is_array()) return;
  for (const auto& element : list->get_array())
    if (element.is_object()) use(element.get_object());
}

KeyNames keys_of(const json::object& description) {
  KeyNames keys;
  each_at(description, "KeySchema", [&](const json::object& element) {
    (text_at(element, "KeyType") == "HASH" ? keys.partition : keys.sort) =
        text_at(element, "AttributeName");
  });
  return keys;
}

IndexDescription index_of(const json::object& description) {
  IndexDescription index{text_at(description, "IndexName"), keys_of(description), {}, {}};
  const auto* projection = description.if_contains("Projection");
  if (projection && projection->is_object())
    index.projection = text_at(projection->get_object(), "ProjectionType");
  index.status = text_at(description, "IndexStatus");
  return index;
}

}  // namespace

std::string to_text(const KeyNames& keys) {
  return keys.sort.empty() ? keys.partition : keys.partition + ", " + keys.sort;
}

const IndexDescription* TableDescription::index(std::string_view name) const {
  const auto found = std::ranges::find(indexes, name, &IndexDescription::name);
  return found == indexes.end() ? nullptr : &*found;
}

Result<TableDescription> parse_table(std::string_view body, std::string_view member) {
  const auto object = TRY(read_object(body));
  const auto* value = object.if_contains(member);
  if (!value || !value->is_object()) return internal_error("DynamoDB described no table");
  const auto& description = value->get_object();
  TableDescription table;
  table.status = text_at(description, "TableStatus");
  table.keys = keys_of(description);
  each_at(description, "AttributeDefinitions", [&](const json::object& attribute) {
    table.types[text_at(attribute, "AttributeName")] = text_at(attribute, "AttributeType");
  });
  each_at(description, "GlobalSecondaryIndexes",
          [&](const json::object& index) { table.indexes.push_back(index_of(index)); });
  const auto* is_protected = description.if_contains("DeletionProtectionEnabled");
  table.is_protected = is_protected && is_protected->is_bool() && is_protected->get_bool();
  return table;
}

}  // namespace tintype::dynamodb

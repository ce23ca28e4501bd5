// DynamoDB's items as values, and their JSON: {"S": "..."}, {"N": "12"}, {"M": {...}}, ...
//
// Only the types that Tintype stores: strings, whole numbers, booleans, lists, maps and sets of
// strings. Source: AttributeValue of the Amazon DynamoDB API reference.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"

namespace tintype::dynamodb {

struct Value;
using Item = std::map<std::string, Value, std::less<>>;
using List = std::vector<Value>;
using StringSet = std::set<std::string>;  // never empty in a request

struct Value {
  std::variant<std::string, std::int64_t, bool, List, Item, StringSet> data;

  Value() = default;
  Value(std::string text) : data(std::move(text)) {}
  Value(std::string_view text) : data(std::string(text)) {}
  Value(const char* text) : data(std::string(text)) {}
  Value(std::int64_t number) : data(number) {}
  Value(std::uint64_t number) : data(static_cast<std::int64_t>(number)) {}
  Value(std::uint32_t number) : data(std::int64_t{number}) {}
  Value(int number) : data(std::int64_t{number}) {}
  Value(bool flag) : data(flag) {}
  Value(List list) : data(std::move(list)) {}
  Value(Item map) : data(std::move(map)) {}
  Value(StringSet set) : data(std::move(set)) {}
  bool operator==(const Value&) const = default;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
};

void write_value(JsonWriter& json, const Value& value);
void write_item(JsonWriter& json, const Item& item);

// From {"S": ...} or {"name": {"S": ...}, ...}. Errors: `internal` for anything that Tintype does
// not store.
Result<Item> parse_item(std::string_view json);

// The member of that name and type, or null.
template <typename T>
const T* find(const Item& item, std::string_view name) {
  const auto it = item.find(name);
  return it == item.end() ? nullptr : it->second.template as<T>();
}
std::string text_of(const Item& item, std::string_view name);  // empty when there is none
std::optional<std::int64_t> number_of(const Item& item, std::string_view name);

}  // namespace tintype::dynamodb

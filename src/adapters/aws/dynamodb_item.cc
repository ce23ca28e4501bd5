#include "adapters/aws/dynamodb_item.h"

#include <boost/json.hpp>
#include <charconv>

#include "adapters/aws/dynamodb_json.h"

namespace tintype::dynamodb {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxDepth = 64;  // DynamoDB allows 32 levels of values, two of JSON each

Error unreadable(std::string_view what) {
  return internal_error("DynamoDB answered with something unreadable: " + std::string(what));
}

struct Writer {
  JsonWriter& out;
  void operator()(const std::string& text) const { out.key("S").string(text); }
  void operator()(std::int64_t number) const { out.key("N").string(std::to_string(number)); }
  void operator()(bool flag) const { out.key("BOOL").boolean(flag); }
  void operator()(const List& list) const {
    out.key("L").begin_array();
    for (const auto& value : list) write_value(out, value);
    out.end_array();
  }
  void operator()(const Item& map) const {
    out.key("M");
    write_item(out, map);
  }
  void operator()(const StringSet& set) const {
    out.key("SS").begin_array();
    for (const auto& text : set) out.string(text);
    out.end_array();
  }
};

std::string to_text(const json::string& text) { return {text.data(), text.size()}; }

Result<Value> read_number(const json::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ptr != end || read.ec != std::errc())
    return unreadable("a number that is not whole, or too large");
  return Value(number);
}

Result<Value> read_value(const json::value& from);

Result<Value> read_list(const json::value& from) {
  if (!from.is_array()) return unreadable("a list that is none");
  List list;
  for (const auto& element : from.get_array()) list.push_back(TRY(read_value(element)));
  return Value(std::move(list));
}

Result<Value> read_set(const json::value& from) {
  if (!from.is_array()) return unreadable("a set that is none");
  StringSet set;
  for (const auto& element : from.get_array()) {
    if (!element.is_string()) return unreadable("a set of something else than strings");
    set.insert(to_text(element.get_string()));
  }
  return Value(std::move(set));
}

Result<Value> read_value(const json::value& from) {
  if (!from.is_object() || from.get_object().size() != 1) return unreadable("a value of no type");
  const auto& [name, content] = *from.get_object().begin();
  if (name == "S" && content.is_string()) return Value(to_text(content.get_string()));
  if (name == "N" && content.is_string()) return read_number(content.get_string());
  if (name == "BOOL" && content.is_bool()) return Value(content.get_bool());
  if (name == "L") return read_list(content);
  if (name == "SS") return read_set(content);
  if (name != "M") return unreadable("a value of type " + std::string(name));
  return Value(TRY(read_item(content)));
}

}  // namespace

void write_value(JsonWriter& json, const Value& value) {
  json.begin_object();
  std::visit(Writer{json}, value.data);
  json.end_object();
}

void write_item(JsonWriter& json, const Item& item) {
  json.begin_object();
  for (const auto& [name, value] : item) {
    json.key(name);
    write_value(json, value);
  }
  json.end_object();
}

Result<Item> read_item(const json::value& from) {
  if (!from.is_object()) return unreadable("an item that is none");
  Item item;
  for (const auto& [name, value] : from.get_object())
    item.emplace(std::string(name), TRY(read_value(value)));
  return item;
}

Result<json::object> read_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error || !value.is_object()) return unreadable("no JSON object");
  return std::move(value.get_object());
}

Result<Item> parse_item(std::string_view text) {
  return read_item(json::value(TRY(read_object(text))));
}

std::string text_of(const Item& item, std::string_view name) {
  const auto* text = find<std::string>(item, name);
  return text ? *text : std::string();
}

std::optional<std::int64_t> number_of(const Item& item, std::string_view name) {
  const auto* number = find<std::int64_t>(item, name);
  return number ? std::optional(*number) : std::nullopt;
}

}  // namespace tintype::dynamodb

#include "signing/policy_document.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_writer.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

namespace json = boost::json;
using Match = PolicyCondition::Match;

Error bad_policy(std::string detail) {
  return invalid_error("InvalidPolicyDocument", "Invalid policy: " + std::move(detail));
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// `{"field": "value"}`, the short form of an exact match.
Result<PolicyCondition> parse_simple(const json::object& object) {
  if (object.size() != 1) return bad_policy("a simple condition has exactly one member.");
  const auto& member = *object.begin();
  const json::string* value = member.value().if_string();
  if (value == nullptr) return bad_policy("the value of a simple condition is a string.");
  std::string_view name{member.key().data(), member.key().size()};
  return PolicyCondition{Match::exact, ascii_lower(name), std::string(view(*value))};
}

// `["eq", "$field", "value"]` or `["starts-with", "$field", "prefix"]`.
Result<PolicyCondition> parse_match(std::string_view op, const json::array& array) {
  const json::string* field = array[1].if_string();
  const json::string* value = array[2].if_string();
  if (field == nullptr || value == nullptr || !view(*field).starts_with('$'))
    return bad_policy("a condition compares a $field with a string.");
  bool is_exact = equal_ignoring_case(op, "eq");
  if (!is_exact && !equal_ignoring_case(op, "starts-with"))
    return bad_policy("a condition is eq, starts-with or content-length-range.");
  return PolicyCondition{is_exact ? Match::exact : Match::prefix,
                         ascii_lower(view(*field).substr(1)), std::string(view(*value))};
}

Result<std::uint64_t> parse_size(const json::value& value) {
  json::error_code error;
  auto size = value.is_number() ? value.to_number<std::uint64_t>(error) : 0;
  if (!value.is_number() || error) return bad_policy("a size is a whole number, not negative.");
  return size;
}

Result<void> narrow_sizes(const json::array& array, PolicyDocument& document) {
  auto least = TRY(parse_size(array[1]));
  auto most = TRY(parse_size(array[2]));
  if (least > most) return bad_policy("the content-length-range is reversed.");
  document.min_size = std::max(document.min_size, least);
  document.max_size = std::min(document.max_size, most);
  return {};
}

Result<void> add_condition(const json::value& value, PolicyDocument& document) {
  if (const json::object* object = value.if_object()) {
    document.conditions.push_back(TRY(parse_simple(*object)));
    return {};
  }
  const json::array* array = value.if_array();
  if (array == nullptr || array->size() != 3 || !array->front().is_string())
    return bad_policy("a condition is an object or an array of three.");
  std::string_view op = view(array->front().get_string());
  if (equal_ignoring_case(op, "content-length-range")) return narrow_sizes(*array, document);
  document.conditions.push_back(TRY(parse_match(op, *array)));
  return {};
}

Result<Timestamp> parse_expiration(const json::object& object) {
  const json::value* member = object.if_contains("expiration");
  if (member == nullptr || !member->is_string()) return bad_policy("the expiration is missing.");
  auto time = parse_rfc3339(view(member->get_string()));
  if (!time.ok()) return bad_policy("the expiration is not an ISO 8601 time.");
  return time;
}

}  // namespace

bool PolicyCondition::holds(std::string_view text) const {
  if (match == Match::exact) return text == value;
  if (field != "content-type") return text.starts_with(value);
  auto types = split(text, ',');
  return std::all_of(types.begin(), types.end(), [&](std::string_view type) {
    return type.substr(std::min(type.find_first_not_of(' '), type.size())).starts_with(value);
  });
}

std::string PolicyCondition::to_string() const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_array().string(match == Match::exact ? "eq" : "starts-with").string("$" + field);
  writer.string(value).end_array();
  return out;
}

Result<PolicyDocument> parse_policy_document(std::string_view text) {
  json::error_code error;
  json::value root = json::parse({text.data(), text.size()}, error);
  const json::object* object = error ? nullptr : root.if_object();
  if (object == nullptr) return bad_policy("it is not a JSON object.");
  PolicyDocument document;
  document.expiration = TRY(parse_expiration(*object));
  const json::value* conditions = object->if_contains("conditions");
  if (conditions == nullptr || !conditions->is_array())
    return bad_policy("the conditions are missing.");
  if (object->size() != 2) return bad_policy("it has an unknown member.");
  for (const auto& condition : conditions->get_array()) TRY(add_condition(condition, document));
  if (document.min_size > document.max_size) return bad_policy("no size satisfies its ranges.");
  return document;
}

std::string format_policy_document(const PolicyDocument& document) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().key("expiration").string(format_rfc3339(document.expiration));
  writer.key("conditions").begin_array();
  for (const auto& condition : document.conditions) writer.raw(condition.to_string());
  writer.begin_array().string("content-length-range");
  writer.number(document.min_size).number(document.max_size).end_array();
  writer.end_array().end_object();
  return out;
}

}  // namespace tintype::sigv4

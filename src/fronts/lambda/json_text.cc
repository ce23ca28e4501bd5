#include "fronts/lambda/json_text.h"

#include <boost/json.hpp>

namespace tintype::lambda_json {
namespace {

const boost::json::value* find(const boost::json::object& object, std::string_view name) {
  return object.if_contains(boost::json::string_view(name.data(), name.size()));
}

}  // namespace

const boost::json::object* object_at(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  return value ? value->if_object() : nullptr;
}

std::string text_at(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  return value ? text_of(*value) : std::string();
}

std::string text_of(const boost::json::value& value) {
  const auto* text = value.if_string();
  return text ? std::string(text->data(), text->size()) : std::string();
}

}  // namespace tintype::lambda_json

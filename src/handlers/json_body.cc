#include "handlers/json_body.h"

#include <algorithm>
#include <boost/json.hpp>

namespace tintype {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxDepth = 32;

FieldError ill_typed(std::string_view name, std::string_view wanted) {
  return {std::string(name), "invalid_type", "It must be " + std::string(wanted) + "."};
}

Result<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error)
    return invalid_error("invalid_json", "The body is not valid JSON: " + error.message() + ".");
  if (!value.is_object()) return invalid_error("invalid_json", "The body must be a JSON object.");
  return std::move(value.get_object());
}

void merge(json::object& base, const json::object& patch) {
  for (const auto& [name, value] : patch) {
    if (value.is_null()) {
      base.erase(name);
    } else if (value.is_object()) {
      auto& member = base[name];
      if (!member.is_object()) member = json::object();
      merge(member.get_object(), value.get_object());
    } else {
      base[name] = value;
    }
  }
}

}  // namespace

std::string shortened_name(std::string name) {
  std::size_t size = std::min<std::size_t>(name.size(), 100);
  while (size < name.size() && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80) --size;
  name.resize(size);
  return name;
}

struct JsonObject::State {
  json::object object;
  std::vector<std::string> asked;

  const json::value* find(std::string_view name) {
    asked.emplace_back(name);
    const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
    return value && !value->is_null() ? value : nullptr;
  }
};

JsonObject::JsonObject(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonObject::~JsonObject() = default;
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;

Result<JsonObject> JsonObject::parse(std::string_view text) {
  auto state = std::make_unique<State>();
  state->object = TRY(parse_object(text));
  return JsonObject(std::move(state));
}

bool JsonObject::has(std::string_view name) const {
  return state_->object.contains(json::string_view(name.data(), name.size()));
}

bool JsonObject::is_null(std::string_view name) const {
  const auto* value = state_->object.if_contains(json::string_view(name.data(), name.size()));
  return value && value->is_null();
}

std::optional<std::string> JsonObject::string(std::string_view name,
                                              std::vector<FieldError>& errors) {
  const auto* value = state_->find(name);
  if (!value) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string(text->data(), text->size());
  errors.push_back(ill_typed(name, "a string"));
  return std::nullopt;
}

std::optional<std::int64_t> JsonObject::integer(std::string_view name,
                                                std::vector<FieldError>& errors) {
  const auto* value = state_->find(name);
  if (!value) return std::nullopt;
  boost::system::error_code error;
  auto number = value->to_number<std::int64_t>(error);
  if (!error) return number;
  errors.push_back(ill_typed(name, "a whole number"));
  return std::nullopt;
}

std::optional<bool> JsonObject::boolean(std::string_view name, std::vector<FieldError>& errors) {
  const auto* value = state_->find(name);
  if (!value) return std::nullopt;
  if (const auto* flag = value->if_bool()) return *flag;
  errors.push_back(ill_typed(name, "true or false"));
  return std::nullopt;
}

std::optional<std::vector<std::string>> JsonObject::strings(std::string_view name,
                                                            std::vector<FieldError>& errors) {
  const auto* value = state_->find(name);
  if (!value) return std::nullopt;
  const auto* array = value->if_array();
  bool all = array && std::all_of(array->begin(), array->end(),
                                  [](const json::value& item) { return item.is_string(); });
  if (!all) {
    errors.push_back(ill_typed(name, "an array of strings"));
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const auto& item : *array)
    out.emplace_back(item.get_string().data(), item.get_string().size());
  return out;
}

std::optional<std::string> JsonObject::object_text(std::string_view name,
                                                   std::vector<FieldError>& errors) {
  const auto* value = state_->find(name);
  if (!value) return std::nullopt;
  if (value->is_object()) return json::serialize(*value);
  errors.push_back(ill_typed(name, "an object"));
  return std::nullopt;
}

std::optional<std::vector<JsonObject>> JsonObject::objects(std::string_view name,
                                                           std::vector<FieldError>& errors) {
  const auto* value = state_->find(name);
  if (!value) return std::nullopt;
  const auto* array = value->if_array();
  bool all = array && std::all_of(array->begin(), array->end(),
                                  [](const json::value& item) { return item.is_object(); });
  if (!all) {
    errors.push_back(ill_typed(name, "an array of objects"));
    return std::nullopt;
  }
  std::vector<JsonObject> out;
  for (const auto& item : *array) {
    auto state = std::make_unique<State>();
    state->object = item.get_object();
    out.push_back(JsonObject(std::move(state)));
  }
  return out;
}

void JsonObject::reject_unknown(std::vector<FieldError>& errors) const {
  for (const auto& member : state_->object) {
    std::string name(member.key().data(), member.key().size());
    if (std::find(state_->asked.begin(), state_->asked.end(), name) == state_->asked.end())
      errors.push_back({shortened_name(name), "unknown_field", "There is no such field here."});
  }
}

Result<std::string> merge_patch(std::string_view base, std::string_view patch) {
  auto target = TRY(parse_object(base));
  auto change = TRY(parse_object(patch));
  merge(target, change);
  return json::serialize(target);
}

}  // namespace tintype

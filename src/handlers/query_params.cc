#include "handlers/query_params.h"

#include <charconv>

#include "base/encoding.h"
#include "handlers/problem.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxParams = 64;

Result<std::string> decode(std::string_view text) {
  auto decoded = TRY(percent_decode(text, true));
  if (!is_valid_utf8(decoded) || decoded.find('\0') != std::string::npos)
    return invalid_error("invalid_encoding", "The text is not UTF-8 without NUL.");
  return decoded;
}

}  // namespace

QueryParams::QueryParams(std::string_view query) {
  while (!query.empty()) {
    auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    if (params_.size() >= kMaxParams) {
      malformed_.push_back({"query", "too_many_parameters", "There are more than 64 parameters."});
      return;
    }
    auto equals = pair.find('=');
    auto name = decode(pair.substr(0, equals));
    auto value = equals == std::string_view::npos ? Result<std::string>(std::string())
                                                  : decode(pair.substr(equals + 1));
    if (!name.ok()) {
      malformed_.push_back({"query", "invalid_encoding", name.error().detail});
    } else if (!value.ok()) {
      malformed_.push_back({*name, "invalid_encoding", value.error().detail});
      params_.push_back({*name, "", true});
    } else {
      params_.push_back({std::move(*name), std::move(*value), false});
    }
  }
}

std::optional<std::string> QueryParams::take(std::string_view name) {
  for (auto& param : params_) {
    if (param.name != name || param.taken) continue;
    param.taken = true;
    return param.value;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> QueryParams::take_all(
    bool (*wanted)(std::string_view)) {
  std::vector<std::pair<std::string, std::string>> all;
  for (auto& param : params_) {
    if (param.taken || !wanted(param.name)) continue;
    param.taken = true;
    all.emplace_back(param.name, param.value);
  }
  return all;
}

std::optional<bool> QueryParams::take_bool(std::string_view name, std::vector<FieldError>& errors) {
  auto value = take(name);
  if (!value) return std::nullopt;
  if (*value == "true" || value->empty()) return true;
  if (*value == "false") return false;
  errors.push_back({std::string(name), "invalid_value", "It must be true or false."});
  return std::nullopt;
}

std::optional<std::int64_t> QueryParams::take_integer(std::string_view name, std::int64_t min,
                                                      std::int64_t max,
                                                      std::vector<FieldError>& errors) {
  auto value = take(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  bool whole = error == std::errc() && end == value->data() + value->size();
  if (whole && number >= min && number <= max) return number;
  errors.push_back({std::string(name), "invalid_value",
                    "It must be a whole number from " + std::to_string(min) + " to " +
                        std::to_string(max) + "."});
  return std::nullopt;
}

void QueryParams::reject_others(std::vector<FieldError>& errors) const {
  errors.insert(errors.end(), malformed_.begin(), malformed_.end());
  for (const auto& param : params_) {
    if (param.taken) continue;
    bool twice = false;
    for (const auto& other : params_) twice = twice || (other.taken && other.name == param.name);
    if (twice) errors.push_back({param.name, "duplicate_field", "It is given more than once."});
    else errors.push_back({param.name, "unknown_field", "There is no such parameter here."});
  }
}

std::optional<Response> refuse_parameters(const Request& request) {
  if (request.raw_query.empty()) return std::nullopt;
  std::vector<FieldError> errors;
  QueryParams(request.raw_query).reject_others(errors);
  if (errors.empty()) return std::nullopt;
  return problem_response(validation_error(std::move(errors)), request.request_id);
}

}  // namespace tintype

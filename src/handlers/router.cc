#include "base/encoding.h"
#include "handlers/routes.h"

namespace tintype {
namespace {

std::string_view take_segment(std::string_view& path) {
  auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(segment.size() + 1, path.size()));
  return segment;
}

// Parameters are decoded after the path was cut into segments, so an encoded slash stays inside its
// segment. False for a bad encoding.
bool add_parameter(std::string_view raw, std::vector<std::string>& parameters) {
  auto decoded = percent_decode(raw);
  if (!decoded.ok() || raw.empty()) return false;
  parameters.push_back(std::move(*decoded));
  return true;
}

bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
  parameters.clear();
  if (path.empty() || path.front() != '/') return false;
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  bool trailing = path.ends_with('/');
  while (!pattern.empty()) {
    auto wanted = take_segment(pattern);
    if (wanted.ends_with("+}")) return add_parameter(path, parameters);
    auto given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (!add_parameter(given, parameters)) return false;
    } else if (wanted != given) {
      return false;
    }
  }
  return path.empty() && !trailing;
}

}  // namespace

RouteMatch match_route(std::span<const Route> table, Method method, std::string_view raw_path) {
  RouteMatch match;
  Method wanted = method == Method::head ? Method::get : method;
  std::vector<std::string> parameters;
  for (const auto& route : table) {
    if (!fits(route.pattern, raw_path, parameters)) continue;
    if (route.method == wanted) {
      match.route = &route;
      match.parameters = std::move(parameters);
      return match;
    }
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += method_name(route.method);
    if (route.method == Method::get) match.allow += ", HEAD";
  }
  if (!match.allow.empty()) match.allow += ", OPTIONS";
  return match;
}

}  // namespace tintype

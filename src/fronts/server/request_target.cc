#include "fronts/server/request_target.h"

#include <strings.h>

namespace tintype {
namespace {

bool starts_with_nocase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         ::strncasecmp(text.data(), prefix.data(), prefix.size()) == 0;
}

// Splits `scheme://authority` off; false when that is not what the target starts with.
bool strip_authority(std::string_view& target, std::string_view& authority) {
  if (starts_with_nocase(target, "http://")) {
    target.remove_prefix(7);
  } else if (starts_with_nocase(target, "https://")) {
    target.remove_prefix(8);
  } else {
    return false;
  }
  const std::size_t end = target.find_first_of("/?");
  authority = target.substr(0, end);
  target.remove_prefix(authority.size());
  return !authority.empty();
}

}  // namespace

std::optional<RequestTarget> parse_request_target(std::string_view target, bool is_options) {
  RequestTarget result;
  if (target == "*") {
    if (!is_options) return std::nullopt;
    result.path = target;
    return result;
  }
  if (target.find('#') != std::string_view::npos) return std::nullopt;
  if (!target.starts_with('/') && !strip_authority(target, result.authority)) return std::nullopt;
  const std::size_t question = target.find('?');
  result.path = target.substr(0, question);
  if (question != std::string_view::npos) result.query = target.substr(question + 1);
  if (result.path.empty()) result.path = "/";
  return result;
}

}  // namespace tintype

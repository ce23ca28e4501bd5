#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxTarget = 2048;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Names are compared decoded, so that `X-Amz-Sig%6Eature` hides no better than it should.
bool is_secret_parameter(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kParts = {
      "token", "secret", "signature", "password", "credential", "authorization"};
  auto decoded = percent_decode(name, true);
  auto text = lower(decoded ? std::string_view(*decoded) : name);
  if (text == "key" || text.ends_with("_key") || text.ends_with("-key") || text == "apikey") {
    return text != "last_key";  // the cursor of a list: opaque, but grants nothing
  }
  return std::ranges::any_of(kParts, [&](auto part) { return text.find(part) != text.npos; });
}

void append_parameter(std::string& out, std::string_view parameter) {
  auto equals = parameter.find('=');
  auto name = parameter.substr(0, equals);
  bool hide = equals != parameter.npos && is_secret_parameter(name);
  out += hide ? std::string(name) + "=REDACTED" : std::string(parameter);
}

}  // namespace

std::string redact_target(std::string_view target) {
  auto question = target.find('?');
  std::string out(target.substr(0, question));
  if (question != target.npos) {
    auto query = target.substr(question + 1);
    for (char separator = '?'; out.size() < kMaxTarget; separator = '&') {
      auto end = query.find('&');
      out += separator;
      append_parameter(out, query.substr(0, end));
      if (end == query.npos) break;
      query.remove_prefix(end + 1);
    }
  }
  if (out.size() > kMaxTarget) out.resize(kMaxTarget);
  return out;
}

bool is_secret_header(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "authorization", "proxy-authorization",  "cookie",
      "set-cookie",    "x-amz-security-token", "x-api-key"};
  return std::ranges::find(kNames, lower(name)) != kNames.end();
}

}  // namespace tintype

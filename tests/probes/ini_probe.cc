// Reads one JSON object per line, reads its texts as profiles or cuts them into words, and answers
// with one JSON object per line: the result, or {"error": why}.
#include <boost/json.hpp>
#include <iostream>

#include "adapters/aws/command_words.h"
#include "adapters/aws/profiles.h"

namespace json = boost::json;
using namespace tintype;

namespace {

std::string text(const json::object& in, const char* name) {
  return json::value_to<std::string>(in.at(name));
}

json::object object_of(const IniSection& section) {
  json::object out;
  for (const auto& [name, value] : section) out[name] = value;
  return out;
}

json::object ini(const json::object& in) {
  const auto file = parse_ini(text(in, "text"));
  if (!file.ok()) return {{"error", file.error().detail}};
  json::object sections;
  for (const auto& [name, section] : *file) sections[name] = object_of(section);
  return {{"sections", std::move(sections)}};
}

json::object profiles(const json::object& in) {
  const auto config = parse_ini(text(in, "config"));
  const auto credentials = parse_ini(text(in, "credentials"));
  if (!config.ok() || !credentials.ok()) return {{"error", "a file makes no sense"}};
  json::object out;
  for (const auto& [name, profile] : merge_profiles(*config, *credentials))
    out[name] = object_of(profile.settings);
  return {{"profiles", std::move(out)}};
}

json::object words(const json::object& in) {
  const auto found = split_words(text(in, "text"));
  if (!found) return {{"error", "it breaks off"}};
  return {{"words", json::value_from(*found)}};
}

json::object answer(const json::object& in) {
  const auto op = text(in, "op");
  if (op == "ini") return ini(in);
  if (op == "profiles") return profiles(in);
  if (op == "words") return words(in);
  return {{"error", "unknown op"}};
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line))
    std::cout << json::serialize(answer(json::parse(line).as_object())) << std::endl;
}

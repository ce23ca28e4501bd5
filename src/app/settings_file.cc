// The only file that includes toml++, which is slow to parse.
#include <toml++/toml.h>

#include <filesystem>

#include "app/settings_load.h"

namespace tintype {
namespace {

std::string at_line(const std::string& path, const toml::source_region& region) {
  return path + " line " + std::to_string(region.begin.line);
}

// The text that a flag would hold for a scalar; nothing for a kind that no setting has.
std::optional<std::string> scalar_text(const toml::node& node) {
  if (auto text = node.as_string()) return text->get();
  if (auto number = node.as_integer()) return std::to_string(number->get());
  if (auto flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (auto number = node.as_floating_point()) return std::to_string(number->get());
  return std::nullopt;
}

std::optional<std::string> array_text(const toml::array& array) {
  std::string out;
  for (const auto& item : array) {
    auto text = item.as_string();
    if (!text || text->get().find(',') != std::string::npos) return std::nullopt;
    out += (out.empty() ? "" : ",") + text->get();
  }
  return out;
}

Result<void> collect(const toml::table& table, const std::string& prefix, const std::string& path,
                     std::vector<FileValue>& out) {
  for (const auto& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    if (auto inner = node.as_table()) {
      TRY(collect(*inner, name + ".", path, out));
      continue;
    }
    auto source = at_line(path, node.source());
    auto text = node.is_array() ? array_text(*node.as_array()) : scalar_text(node);
    if (!text) {
      return invalid_error("invalid_setting", source + ": " + name +
                                                  " must be a text, a number, true, false or an "
                                                  "array of texts");
    }
    out.push_back({std::move(name), std::move(*text), std::move(source)});
  }
  return {};
}

}  // namespace

Result<std::vector<FileValue>> read_settings_file(const std::string& path) {
  try {
    if (std::filesystem::is_directory(path)) {  // which reads as an empty file
      return invalid_error("invalid_setting", path + ": is a folder");
    }
    auto table = toml::parse_file(path);
    std::vector<FileValue> out;
    TRY(collect(table, "", path, out));
    return out;
  } catch (const toml::parse_error& error) {
    auto line = error.source().begin.line;
    auto where = line > 0 ? at_line(path, error.source()) : path;
    return invalid_error("invalid_setting", where + ": " + std::string(error.description()));
  } catch (const std::exception& error) {
    return invalid_error("invalid_setting", path + ": " + error.what());
  }
}

}  // namespace tintype

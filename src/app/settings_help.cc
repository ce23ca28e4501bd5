#include "app/settings_help.h"

#include "app/settings_values.h"

namespace tintype {
namespace {

// The default as text, or what the empty one stands for in parentheses.
std::string default_text(const Setting& setting) {
  auto text = format_value(Settings{}, setting);
  if (!text.empty() || setting.empty_means.empty()) return text;
  return "(" + std::string(setting.empty_means) + ")";
}

bool counts(const Setting& setting) {
  return setting.type == SettingType::integer || setting.type == SettingType::size ||
         setting.type == SettingType::duration;
}

// `1 to 5GiB`, or nothing when everything goes.
std::string bounds_text(const Setting& setting) {
  constexpr auto kNone = std::numeric_limits<std::uint64_t>::max();
  if (!counts(setting) || (setting.min == 0 && setting.max == kNone)) return {};
  // format_value knows the units: write each bound through a copy of the settings.
  auto format = [&](std::uint64_t bound) {
    Settings scratch;
    auto set = [&](auto field) {
      using T = std::remove_reference_t<decltype(field(scratch))>;
      if constexpr (std::is_same_v<T, milliseconds>) field(scratch) = milliseconds(bound);
      else if constexpr (std::is_unsigned_v<T>) field(scratch) = static_cast<T>(bound);
    };
    std::visit(set, setting.field);
    return format_value(scratch, setting);
  };
  return format(setting.min) + " to " + format(setting.max);
}

std::string type_text(const Setting& setting) {
  static constexpr std::string_view kNames[] = {
      "text", "URL", "true or false", "number", "size", "duration", "address", "", "list"};
  if (setting.type == SettingType::word) return describe_type(setting);
  auto bounds = bounds_text(setting);
  std::string name(kNames[static_cast<std::size_t>(setting.type)]);
  return bounds.empty() ? name : name + ", " + bounds;
}

std::string without_ticks(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c != '`') out += c;
  }
  return out;
}

constexpr std::string_view kIntroduction =
    "Each setting is a flag (`--limits.max_upload_bytes=25MiB`), an environment variable\n"
    "(`TINTYPE_LIMITS_MAX_UPLOAD_BYTES=25MiB`) and a key of the TOML file (`[limits]`, then\n"
    "`max_upload_bytes = \"25MiB\"`). Flags win over the environment, which wins over the file:\n"
    "`--config FILE`, else ./tintype.toml, else /etc/tintype/tintype.toml. Sizes take KiB, MiB\n"
    "and GiB; durations ms, s, m, h and d. Anything unknown or out of bounds ends the program\n"
    "with code 2.\n";

}  // namespace

std::string settings_help() {
  std::string out = "Settings of tintype serve.\n\n" + without_ticks(kIntroduction);
  for (const auto& setting : settings_table()) {
    out += "\n" + std::string(setting.name) + "  (" + environment_name(setting.name) + ")\n";
    out += "    " + without_ticks(setting.sentence) + "\n";
    out += "    " + type_text(setting) + "; default " + without_ticks(default_text(setting)) +
           "; for example " + std::string(setting.example) + "\n";
  }
  return out;
}

std::string settings_markdown() {
  std::string out =
      "# Settings\n\n"
      "<!-- Written by `tintype help settings --markdown`; a test compares. -->\n\n" +
      std::string(kIntroduction) +
      "\n| Setting | Environment | Type | Default | Meaning | Example |\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& setting : settings_table()) {
    out += "| `" + std::string(setting.name) + "` | `" + environment_name(setting.name) + "` | " +
           type_text(setting) + " | " + default_text(setting) + " | " +
           std::string(setting.sentence) + " | `" + std::string(setting.example) + "` |\n";
  }
  return out;
}

}  // namespace tintype

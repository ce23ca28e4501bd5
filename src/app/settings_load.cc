#include "app/settings_load.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "app/settings_values.h"
#include "domain/rendition_variants.h"

extern char** environ;

namespace tintype {
namespace {

constexpr std::string_view kPrefix = "TINTYPE_";
// Variables of other commands; and TINTYPE_TEST_* is left to tests and scripts.
constexpr std::string_view kOtherVariables[] = {"TINTYPE_SERVER"};
constexpr std::string_view kTestPrefix = "TINTYPE_TEST_";

Error bad_setting(std::string detail) {
  return invalid_error("invalid_setting", std::move(detail));
}

// Edits (insert, remove, replace) between two names.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row.back();
}

// `; did you mean X?` for a name close to a real one. `spell` turns a setting's name into the form
// that the source uses.
template <typename Spell>
std::string suggestion(std::string_view unknown, Spell spell) {
  std::string best;
  std::size_t best_distance = 4;
  if (unknown.size() > 100) return best;
  for (const auto& setting : settings_table()) {
    std::string candidate = spell(setting.name);
    auto d = distance(unknown, candidate);
    if (d < best_distance) best_distance = d, best = std::move(candidate);
  }
  return best.empty() ? best : "; did you mean " + best + "?";
}

Result<void> apply(Settings& settings, const Setting& setting, std::string_view value,
                   const std::string& source) {
  auto set = set_value(settings, setting, value);
  if (!set) return bad_setting(source + ": " + set.error().detail);
  return {};
}

Result<void> apply_file(Settings& settings, const std::string& path) {
  auto values = TRY(read_settings_file(path));
  for (const auto& value : values) {
    auto setting = find_setting(value.name);
    if (!setting) {
      auto plain = [](std::string_view name) { return std::string(name); };
      return bad_setting(value.source + ": unknown setting " + value.name +
                         suggestion(value.name, plain));
    }
    TRY(apply(settings, *setting, value.text, value.source + ": " + value.name));
  }
  return {};
}

Result<void> apply_environment(Settings& settings, const SettingsSources& sources) {
  std::map<std::string, const Setting*> by_name;
  for (const auto& setting : settings_table()) by_name[environment_name(setting.name)] = &setting;
  for (const auto& [name, value] : sources.environment) {
    if (!name.starts_with(kPrefix) || name.starts_with(kTestPrefix)) continue;
    if (std::ranges::find(kOtherVariables, name) != std::end(kOtherVariables)) continue;
    auto found = by_name.find(name);
    if (found == by_name.end()) {
      return bad_setting("unknown environment variable " + name +
                         suggestion(name, environment_name));
    }
    TRY(apply(settings, *found->second, value, "environment variable " + name));
  }
  return {};
}

Result<void> apply_flags(Settings& settings, const SettingsSources& sources) {
  for (const auto& [name, value] : sources.flags) {
    auto setting = find_setting(name);
    if (!setting) {
      auto plain = [](std::string_view n) { return "--" + std::string(n); };
      return bad_setting("unknown flag --" + name + suggestion("--" + name, plain));
    }
    TRY(apply(settings, *setting, value, "flag --" + name));
  }
  return {};
}

std::optional<std::string> config_path(const SettingsSources& sources) {
  if (sources.config) return sources.config;
  std::error_code ignored;
  for (const auto& path : sources.default_configs) {
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace

Result<Settings> load_settings(const SettingsSources& sources) {
  Settings settings;
  if (auto path = config_path(sources)) TRY(apply_file(settings, *path));
  TRY(apply_environment(settings, sources));
  TRY(apply_flags(settings, sources));
  TRY(check_settings(settings, sources.behind_gateway));
  return settings;
}

Result<void> check_settings(const Settings& settings, bool behind_gateway) {
  const bool by_claims = behind_gateway && settings.auth.mode == AuthMode::jwt;
  if (settings.auth.mode != AuthMode::none && !by_claims) {
    return bad_setting("auth.mode: this version has no authentication yet; set none");
  }
  if (!behind_gateway && !is_loopback(settings.listen) && !settings.allow_anonymous) {
    return bad_setting(
        "listen: " + to_string(settings.listen) +
        " is reachable from elsewhere and auth.mode is none; listen on 127.0.0.1, or "
        "add --allow-anonymous to let everyone in");
  }
  if (settings.upload.expires_after < settings.upload.url_ttl) {
    return bad_setting("upload.expires_after must not be shorter than upload.url_ttl");
  }
  if (settings.limits.max_total_pixels < settings.limits.max_pixels) {
    return bad_setting("limits.max_total_pixels must not be less than limits.max_pixels");
  }
  const auto& renditions = settings.renditions;
  auto variants = RenditionVariants::parse(renditions.variants, renditions.ladder);
  if (!variants.ok()) {
    return bad_setting("renditions.variants and renditions.ladder: " + variants.error().detail);
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> out;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text(*entry);
    auto equals = text.find('=');
    if (equals == text.npos) continue;
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace tintype

// Reading the settings: flags win over the environment, which wins over the file.
//
// Every bad value, unknown setting, unknown TINTYPE_* variable and contradiction is an `invalid`
// error whose detail is one sentence that names its source: the flag, the variable, or the file and
// line. Programs end with code 2 on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/settings.h"
#include "base/result.h"

namespace tintype {

struct SettingsSources {
  std::vector<std::pair<std::string, std::string>> flags;        // setting name and value
  std::vector<std::pair<std::string, std::string>> environment;  // all variables; others than
                                                                 // TINTYPE_* are ignored
  // Callers come through API Gateway, not to `listen`, and its authorizers may verify them.
  bool behind_gateway = false;
  std::optional<std::string> config;  // the file to read; it must exist
  // Read when `config` is not given: the first that exists.
  std::vector<std::string> default_configs = {"./tintype.toml", "/etc/tintype/tintype.toml"};
};

Result<Settings> load_settings(const SettingsSources& sources);

// This process's environment, as `SettingsSources::environment` wants it.
std::vector<std::pair<std::string, std::string>> process_environment();

// What no single value says: contradictions between settings, listening in public without
// authentication, and what this version cannot do yet. Part of load_settings.
Result<void> check_settings(const Settings& settings, bool behind_gateway = false);

struct FileValue {
  std::string name;  // dotted
  std::string text;
  std::string source;  // `tintype.toml line 3`
};

// The values of a TOML file, in no particular order. Errors: `invalid` for a file that cannot be
// read or is no TOML, and for values of a kind that no setting has (dates, arrays of tables).
Result<std::vector<FileValue>> read_settings_file(const std::string& path);

}  // namespace tintype

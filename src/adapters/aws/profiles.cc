#include "adapters/aws/profiles.h"

#include <algorithm>

#include "adapters/aws/command_words.h"
#include "adapters/aws/credential_source.h"
#include "adapters/aws/small_file.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

bool is_bare_default(std::string_view header) { return trim_blanks(header) == "default"; }

// The name in a header of the config file; nothing for sections of another kind.
std::optional<std::string> config_profile(std::string_view header) {
  header = trim_blanks(header);
  if (is_bare_default(header)) return "default";
  if (!header.starts_with("profile")) return std::nullopt;
  auto words = split_words(header);
  if (!words || words->size() != 2 || words->front() != "profile") return std::nullopt;
  return std::move(words->back());
}

void merge(IniSection& into, const IniSection& from) {
  for (const auto& [name, value] : from) into[name] = value;
}

// A file's path: the variable's, with `~` for the home folder, or the usual one. Empty: none.
std::string file_path(const AwsSurroundings& surroundings, const char* variable,
                      std::string_view usual) {
  auto path = surroundings.variable(variable);
  if (path.empty()) path = usual;
  const bool at_home = path == "~" || path.starts_with("~/");
  if (!at_home) return path;
  return surroundings.home.empty() ? std::string() : surroundings.home + path.substr(1);
}

Result<IniFile> load_ini(const std::string& path) {
  if (path.empty()) return IniFile();
  const auto text = read_small_file(path, kMaxFile);
  if (!text.ok() && text.error().is(ErrorKind::not_found)) return IniFile();
  if (!text.ok()) return text.error();
  auto file = parse_ini(*text);
  if (!file.ok())
    return invalid_error("invalid_ini", path + " makes no sense: " + file.error().detail);
  return file;
}

}  // namespace

std::string AwsProfile::setting(std::string_view name) const {
  const auto found = settings.find(name);
  if (found == settings.end() || found->second.starts_with('\n')) return {};
  return found->second;
}

AwsProfiles merge_profiles(const IniFile& config, const IniFile& credentials) {
  AwsProfiles out;
  // Where there are both, `[profile default]` counts and `[default]` does not.
  const bool spelled_out = std::ranges::any_of(config, [](const auto& section) {
    return !is_bare_default(section.first) && config_profile(section.first) == "default";
  });
  for (const auto& [header, settings] : config) {
    const auto name = config_profile(header);
    if (!name || (spelled_out && is_bare_default(header))) continue;
    merge(out[*name].settings, settings);
  }
  for (const auto& [header, settings] : credentials) {
    auto& profile = out[std::string(trim_blanks(header))];
    merge(profile.settings, settings);
    if (settings.contains("aws_access_key_id")) profile.keys_in_credentials_file = true;
  }
  return out;
}

ProfileChoice profile_choice(const AwsSurroundings& surroundings) {
  auto name = surroundings.variable("AWS_PROFILE");
  const bool named = !name.empty();
  if (!named) name = "default";
  return {std::move(name), named, file_path(surroundings, "AWS_CONFIG_FILE", "~/.aws/config"),
          file_path(surroundings, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")};
}

Result<AwsProfiles> load_profiles(const ProfileChoice& choice) {
  const auto config = TRY(load_ini(choice.config_file));
  const auto credentials = TRY(load_ini(choice.credentials_file));
  return merge_profiles(config, credentials);
}

}  // namespace tintype

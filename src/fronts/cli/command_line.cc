// The only file that includes CLI11, which is slow to parse.
#include "fronts/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <map>

#include "app/settings_help.h"
#include "app/settings_values.h"

namespace tintype {
namespace {

constexpr const char* kDescription =
    "Tintype, an image service: uploads, checks, stores, finds and serves images.";
constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage or settings.\n"
    "`tintype help settings` describes every setting of `tintype serve` and `tintype lambda`.";

// Settings outside a section are also taken with hyphens, as flags mostly are: `--allow-anonymous`.
std::string flag_names(const Setting& setting) {
  std::string name(setting.name), hyphens = name;
  std::ranges::replace(hyphens, '_', '-');
  return hyphens == name || name.find('.') != name.npos ? "--" + name
                                                        : "--" + name + ",--" + hyphens;
}

std::string flag_sentence(const Setting& setting) {
  auto value = format_value(Settings{}, setting);
  if (value.empty()) value = setting.empty_means;
  std::string out(setting.sentence);
  std::erase(out, '`');
  std::erase(value, '`');
  return out + " Default: " + value + ".";
}

using Values = std::map<std::string_view, std::string>;

// The flags of commands that run the service.
void declare_settings(CLI::App& serve, Values& values, std::string& config) {
  serve.add_option("--config", config, "TOML file to read the settings from.")->option_text("FILE");
  for (const auto& setting : settings_table()) {
    auto& value = values[setting.name];
    auto names = flag_names(setting);
    auto option = setting.type == SettingType::boolean
                      ? serve.add_flag(names, value, flag_sentence(setting))
                      : serve.add_option(names, value, flag_sentence(setting));
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)->option_text(" ");
    option->group("Settings");
  }
  serve.allow_extras();  // so that the settings' own message answers unknown flags
}

void declare_upload(CLI::App& upload, UploadOptions& options) {
  upload.add_option("files", options.files, "Image files to upload.")
      ->required()
      ->option_text("FILE...");
  upload.add_option("--server", options.server, "Address of the server.")
      ->envname("TINTYPE_SERVER")
      ->option_text("URL (default http://127.0.0.1:8080)");
  upload.add_option("--user", options.user, "Whose images they are.")->option_text("USER");
  upload.add_option("--tag", options.tags, "Tag of the images; may be repeated.")
      ->allow_extra_args(false)
      ->option_text("TAG");
  upload.add_option("--description", options.description, "Description of the images.")
      ->option_text("TEXT");
  upload.add_flag("--public", options.is_public, "Let everyone see the images.");
  upload.add_flag("--allow-duplicate", options.allow_duplicate,
                  "Upload even what the user already has.");
  upload.add_flag("--json", options.json, "Print one JSON object for each file.");
  upload.add_option("--concurrency", options.concurrency, "Files under way at once.")
      ->check(CLI::Range(1, 32))
      ->option_text("N (1-32, default 4)");
}

void declare_aws(CLI::App& aws, AwsAction& action, Values& values, std::string& config) {
  aws.require_subcommand(1);
  auto init = aws.add_subcommand("init", "Make or verify the bucket and the tables.");
  auto destroy = aws.add_subcommand("destroy", "Delete the bucket, the tables and every image.");
  for (auto* command : {init, destroy}) {
    command->add_flag("--dry-run", action.dry_run, "Only say what would be done.");
    declare_settings(*command, values, config);
  }
  destroy->add_flag("--yes-delete-everything", action.confirmed, "Confirm it.");
}

CommandLine wrong(std::string sentence) {
  while (sentence.ends_with('\n')) sentence.pop_back();
  CommandLine out;
  out.text = "tintype: " + sentence + "\n";
  return out;
}

CommandLine printed(std::string text) {
  CommandLine out;
  out.command = Command::print;
  out.text = std::move(text);
  return out;
}

// Extras become flags, which load_settings refuses with a suggestion.
CommandLine service_line(Command command, const CLI::App& serve, const Values& values,
                         const std::string& config) {
  CommandLine out;
  out.command = command;
  if (serve.count("--config") > 0) out.settings.config = config;
  for (const auto& [name, value] : values) {
    if (serve.count("--" + std::string(name)) > 0) {
      out.settings.flags.emplace_back(std::string(name), value);
    }
  }
  for (const auto& extra : serve.remaining()) {
    if (!extra.starts_with("--"))
      return wrong(serve.get_name() + " takes no argument `" + extra + "`");
    out.settings.flags.emplace_back(extra.substr(2, extra.find('=') - 2), "");
  }
  return out;
}

CommandLine aws_line(const CLI::App& aws, AwsAction action, const Values& values,
                     const std::string& config) {
  const auto* command = aws.get_subcommands().front();
  CommandLine out = service_line(Command::aws, *command, values, config);
  if (out.command == Command::wrong) return out;
  out.aws = action;
  if (command->get_name() == "destroy") out.aws.kind = AwsAction::Kind::destroy;
  return out;
}

CommandLine upload_line(UploadOptions options) {
  while (options.server.ends_with('/')) options.server.pop_back();
  if (!options.server.starts_with("http://") && !options.server.starts_with("https://")) {
    return wrong("--server must start with http:// or https://");
  }
  CommandLine out;
  out.command = Command::upload;
  out.upload = std::move(options);
  return out;
}

CommandLine help_line(CLI::App& app, const std::string& topic, bool markdown) {
  app.clear();  // else its help is that of the command that was parsed
  if (topic.empty()) return printed(app.help());
  if (topic == "settings") return printed(markdown ? settings_markdown() : settings_help());
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == topic) return printed(command->help("tintype"));
  }
  return wrong("no help about `" + topic + "`; there is settings, serve, lambda, upload and aws");
}

CommandLine parse(std::span<const std::string> arguments) {
  CLI::App app(kDescription, "tintype");
  app.footer(kFooter);
  app.set_version_flag("--version", "tintype " TINTYPE_VERSION);
  app.require_subcommand(0, 1);
  Values values;
  std::string config, topic;
  bool markdown = false;
  UploadOptions upload_options;
  auto serve = app.add_subcommand("serve", "Run the server.");
  declare_settings(*serve, values, config);
  auto lambda = app.add_subcommand("lambda", "Answer events as an AWS Lambda function.");
  declare_settings(*lambda, values, config);
  auto upload = app.add_subcommand("upload", "Upload image files to a server.");
  declare_upload(*upload, upload_options);
  AwsAction aws_action;
  auto aws = app.add_subcommand("aws", "Set up or remove what `store=aws` needs.");
  declare_aws(*aws, aws_action, values, config);
  auto help = app.add_subcommand("help", "Explain a command, or the settings.");
  help->add_option("topic", topic, "settings, serve, lambda, upload or aws")->option_text(" ");
  help->add_flag("--markdown", markdown, "Print the settings as docs/SETTINGS.md.");
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return printed(app.help());
  } catch (const CLI::CallForVersion& version) {
    return printed(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    return wrong(std::string(error.what()) + "; see tintype --help");
  }
  if (serve->parsed()) return service_line(Command::serve, *serve, values, config);
  if (lambda->parsed()) return service_line(Command::lambda, *lambda, values, config);
  if (aws->parsed()) return aws_line(*aws, aws_action, values, config);
  if (upload->parsed()) return upload_line(std::move(upload_options));
  if (help->parsed()) return help_line(app, topic, markdown);
  return wrong("say what to do: serve, lambda, upload, aws or help; see tintype --help");
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments) {
  try {
    return parse(arguments);
  } catch (const std::exception& error) {
    return wrong(error.what());
  }
}

}  // namespace tintype

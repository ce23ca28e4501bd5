// The command line, parsed: what to run and with what.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/settings_load.h"

namespace tintype {

struct UploadOptions {
  std::vector<std::string> files;
  std::string server = "http://127.0.0.1:8080";  // without a trailing slash
  std::string user;
  std::vector<std::string> tags;
  std::string description;
  bool is_public = false;
  bool allow_duplicate = false;
  bool json = false;
  std::uint32_t concurrency = 4;
};

// Of `tintype aws`.
struct AwsAction {
  enum class Kind : std::uint8_t { init, destroy };
  Kind kind = Kind::init;
  bool dry_run = false;
  bool confirmed = false;  // that everything shall be deleted
};

enum class Command : std::uint8_t {
  serve,   // with `settings`
  lambda,  // with `settings`
  upload,  // with `upload`
  aws,     // with `settings` and `aws`
  print,   // write `text` to standard output, exit 0
  wrong,   // write `text` to standard error, exit 2
};

struct CommandLine {
  Command command = Command::wrong;
  SettingsSources settings;  // flags and config; the environment is the caller's
  UploadOptions upload;
  AwsAction aws;
  std::string text;
};

// `arguments` are those after the program's name. Reads TINTYPE_SERVER from the environment.
CommandLine parse_command_line(std::span<const std::string> arguments);

}  // namespace tintype

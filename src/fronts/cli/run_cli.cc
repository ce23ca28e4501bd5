#include "fronts/cli/run_cli.h"

#include <cstdio>

#include "fronts/cli/aws_command.h"
#include "fronts/cli/command_line.h"
#include "fronts/cli/lambda_command.h"
#include "fronts/cli/serve_command.h"
#include "fronts/cli/upload_command.h"

namespace tintype {
namespace {

// Runs what needs the settings.
template <typename Run>
int with_settings(CommandLine& line, Run run) {
  line.settings.environment = process_environment();
  auto settings = load_settings(line.settings);
  if (!settings) {
    std::fprintf(stderr, "tintype: %s\n", settings.error().detail.c_str());
    return 2;
  }
  return run(*settings);
}

int write_out(std::FILE* file, const std::string& text, int code) {
  bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fflush(file) == 0 && written ? code : 1;
}

}  // namespace

int run_cli(std::span<const std::string> arguments) {
  auto line = parse_command_line(arguments);
  switch (line.command) {
    case Command::serve: return with_settings(line, serve_command);
    case Command::lambda: return lambda_command(std::move(line.settings));
    case Command::aws:
      return with_settings(line, [&](const Settings& s) { return aws_command(s, line.aws); });
    case Command::upload: return upload_command(line.upload);
    case Command::print: return write_out(stdout, line.text, 0);
    case Command::wrong: return write_out(stderr, line.text, 2);
  }
  return 2;
}

}  // namespace tintype

#include "fronts/cli/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "app/settings_help.h"
#include "fronts/cli/progress_bar.h"

namespace tintype {
namespace {

CommandLine parse(std::vector<std::string> arguments) { return parse_command_line(arguments); }

using Flags = std::vector<std::pair<std::string, std::string>>;

TEST(CommandLine, ServeCollectsFlagsBySettingName) {
  auto line = parse({"serve", "--config=a.toml", "--limits.max_upload_bytes=25MiB", "--data", "/d",
                     "--allow-anonymous", "--s3.path_style=false", "--listen", "[::1]:0"});
  ASSERT_EQ(line.command, Command::serve) << line.text;
  EXPECT_EQ(line.settings.config, "a.toml");
  auto flags = line.settings.flags;
  std::ranges::sort(flags);
  EXPECT_EQ(flags, (Flags{{"allow_anonymous", "true"},
                          {"data", "/d"},
                          {"limits.max_upload_bytes", "25MiB"},
                          {"listen", "[::1]:0"},
                          {"s3.path_style", "false"}}));
}

TEST(CommandLine, LambdaTakesTheFlagsOfServe) {
  auto line = parse({"lambda", "--data=/tmp/d", "--lambda.function=list"});
  ASSERT_EQ(line.command, Command::lambda) << line.text;
  EXPECT_EQ(line.settings.flags.size(), 2u);
  EXPECT_EQ(parse({"lambda", "now"}).command, Command::wrong);
}

TEST(CommandLine, EverySettingIsAFlag) {
  for (const auto& setting : settings_table()) {
    auto line =
        parse({"serve", "--" + std::string(setting.name) + "=" + std::string(setting.example)});
    ASSERT_EQ(line.command, Command::serve) << line.text;
    EXPECT_EQ(line.settings.flags,
              (Flags{{std::string(setting.name), std::string(setting.example)}}));
  }
}

TEST(CommandLine, TheLastOfEqualFlagsWins) {
  auto line = parse({"serve", "--data=a", "--data=b"});
  EXPECT_EQ(line.settings.flags, (Flags{{"data", "b"}}));
  EXPECT_FALSE(line.settings.config);
}

TEST(CommandLine, UnknownFlagsOfServeReachTheSettings) {
  auto line = parse({"serve", "--dta=x"});
  ASSERT_EQ(line.command, Command::serve);
  auto settings = load_settings({.flags = line.settings.flags, .default_configs = {}});
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().detail, "unknown flag --dta; did you mean --data?");
}

TEST(CommandLine, UploadTakesFilesAndOptionsInAnyOrder) {
  ::unsetenv("TINTYPE_SERVER");
  auto line =
      parse({"upload", "--tag", "a", "one.jpg", "--tag=b", "two.jpg", "--user", "u", "--public",
             "--json", "--allow-duplicate", "--description", "d d", "--concurrency", "2"});
  ASSERT_EQ(line.command, Command::upload) << line.text;
  const auto& upload = line.upload;
  EXPECT_EQ(upload.files, (std::vector<std::string>{"one.jpg", "two.jpg"}));
  EXPECT_EQ(upload.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(upload.user, "u");
  EXPECT_EQ(upload.description, "d d");
  EXPECT_TRUE(upload.is_public && upload.json && upload.allow_duplicate);
  EXPECT_EQ(upload.concurrency, 2u);
  EXPECT_EQ(upload.server, "http://127.0.0.1:8080");
}

TEST(CommandLine, TheServerComesFromTheFlagOrTheEnvironment) {
  ::setenv("TINTYPE_SERVER", "https://env.example/", 1);
  EXPECT_EQ(parse({"upload", "a"}).upload.server, "https://env.example");
  EXPECT_EQ(parse({"upload", "a", "--server", "http://flag"}).upload.server, "http://flag");
  ::unsetenv("TINTYPE_SERVER");
}

TEST(CommandLine, WrongUsageIsOneSentence) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"bogus"},
                                             {"--bogus"},
                                             {"serve", "extra"},
                                             {"serve", "--data"},
                                             {"upload"},
                                             {"upload", "a", "--bogus"},
                                             {"upload", "a", "--concurrency", "0"},
                                             {"upload", "a", "--concurrency", "33"},
                                             {"upload", "a", "--server", "example.com"},
                                             {"help", "nothing"},
                                             {"serve", "upload"}}) {
    auto line = parse(arguments);
    EXPECT_EQ(line.command, Command::wrong) << (arguments.empty() ? "" : arguments.back());
    EXPECT_TRUE(line.text.starts_with("tintype: ")) << line.text;
    EXPECT_EQ(std::ranges::count(line.text, '\n'), 1) << line.text;
  }
}

TEST(CommandLine, HelpAndVersionArePrinted) {
  EXPECT_EQ(parse({"--version"}).text, "tintype " TINTYPE_VERSION "\n");
  auto help = parse({"--help"});
  EXPECT_EQ(help.command, Command::print);
  for (auto word : {"serve", "upload", "help settings"}) {
    EXPECT_NE(help.text.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(help.text.find("imaging-worker"), std::string::npos);
  EXPECT_EQ(parse({"help"}).text, help.text);
  EXPECT_EQ(parse({"help", "settings"}).text, settings_help());
  EXPECT_EQ(parse({"help", "settings", "--markdown"}).text, settings_markdown());
  auto serve = parse({"serve", "--help"});
  EXPECT_EQ(serve.command, Command::print);
  for (const auto& setting : settings_table()) {
    EXPECT_NE(serve.text.find("--" + std::string(setting.name)), std::string::npos) << setting.name;
  }
  EXPECT_NE(parse({"help", "upload"}).text.find("--allow-duplicate"), std::string::npos);
}

TEST(ProgressBar, DrawsItsShare) {
  EXPECT_EQ(progress_text(0, 0, 0, 1), "[" + std::string(30, '-') + "]   0%  0/1 files");
  EXPECT_EQ(progress_text(50, 100, 1, 3),
            "[" + std::string(15, '#') + std::string(15, '-') + "]  50%  1/3 files");
  EXPECT_EQ(progress_text(120, 100, 3, 3), "[" + std::string(30, '#') + "] 100%  3/3 files");
}

}  // namespace
}  // namespace tintype

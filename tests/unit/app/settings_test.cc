#include "app/settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "app/settings_help.h"
#include "app/settings_load.h"
#include "app/settings_values.h"
#include "domain/rendition_variants.h"
#include "imaging/memory_estimate.h"
#include "ports/image_engine.h"

namespace tintype {
namespace {

// A file below the temporary folder that goes with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    char path[] = "/tmp/tintype-settings-XXXXXX";
    ::close(::mkstemp(path));
    path_ = path;
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

SettingsSources nothing() { return {.default_configs = {}}; }

SettingsSources with_flag(std::string name, std::string value) {
  auto sources = nothing();
  sources.flags = {{std::move(name), std::move(value)}};
  return sources;
}

std::string refusal(const SettingsSources& sources) {
  auto settings = load_settings(sources);
  if (settings.ok()) return "accepted";
  EXPECT_TRUE(settings.error().is(ErrorKind::invalid));
  EXPECT_EQ(settings.error().detail.find('\n'), std::string::npos);
  return settings.error().detail;
}

std::string refused_flag(std::string name, std::string value) {
  return refusal(with_flag(std::move(name), std::move(value)));
}

std::string refused_file(std::string_view text) {
  TemporaryFile file(text);
  auto sources = nothing();
  sources.config = file.path();
  auto detail = refusal(sources);
  EXPECT_EQ(detail.find(file.path()), 0u) << detail;
  return detail.substr(std::min(detail.size(), file.path().size()));
}

TEST(SettingsTable, DefaultsAreThoseOfTheContract) {
  Settings defaults;
  auto expect = [&](std::string_view name, std::string_view value) {
    auto setting = find_setting(name);
    ASSERT_TRUE(setting) << name;
    EXPECT_EQ(format_value(defaults, *setting), value) << name;
  };
  expect("listen", "127.0.0.1:8080");
  expect("data", "./data");
  expect("store", "embedded");
  expect("public_url", "");
  expect("auth.mode", "none");
  expect("limits.max_upload_bytes", "10MiB");
  expect("limits.max_pixels", "100000000");
  expect("upload.url_ttl", "15m");
  expect("upload.expires_after", "24h");
  expect("trash.retention", "30d");
  expect("janitor.interval", "60s");
  expect("imaging.workers", "0");
  expect("imaging.sandbox", "auto");
  expect("s3.bucket", "image-storage-bucket");
  expect("s3.path_style", "false");
  expect("dynamodb.table_prefix", "");
  expect("dynamodb.transactions", "true");
  expect("dynamodb.shards", "16");
}

TEST(SettingsTable, EveryRowIsWhole) {
  std::set<std::string> names, variables;
  for (const auto& setting : settings_table()) {
    EXPECT_TRUE(names.emplace(setting.name).second) << setting.name;
    EXPECT_TRUE(variables.insert(environment_name(setting.name)).second) << setting.name;
    EXPECT_TRUE(setting.sentence.ends_with('.')) << setting.name;
    EXPECT_EQ(setting.words.empty(), setting.type != SettingType::word) << setting.name;
    Settings settings;
    auto fallback = format_value(settings, setting);
    EXPECT_EQ(fallback.empty(), !setting.empty_means.empty()) << setting.name;
    // Examples are valid, and survive being written back.
    auto set = set_value(settings, setting, setting.example);
    EXPECT_TRUE(set.ok()) << setting.name;
    EXPECT_EQ(format_value(settings, setting), setting.example) << setting.name;
    // So are defaults.
    EXPECT_TRUE(set_value(settings, setting, fallback).ok()) << setting.name;
    EXPECT_EQ(format_value(settings, setting), fallback) << setting.name;
  }
}

TEST(SettingsTable, EachRowChangesItsOwnMember) {
  for (const auto& changed : settings_table()) {
    Settings settings;
    if (!set_value(settings, changed, changed.example)) continue;
    for (const auto& other : settings_table()) {
      if (other.name == changed.name) continue;
      EXPECT_EQ(format_value(settings, other), format_value(Settings{}, other))
          << changed.name << " changed " << other.name;
    }
  }
}

// Each member of the matrix says which sources hold a value; the strongest must win.
TEST(LoadSettings, FlagsWinOverEnvironmentOverFileOverDefault) {
  for (unsigned held = 0; held < 8; ++held) {
    TemporaryFile file(held & 1 ? "[limits]\nmax_pixels = 1111\n" : "");
    auto sources = nothing();
    sources.config = file.path();
    if (held & 2) sources.environment = {{"TINTYPE_LIMITS_MAX_PIXELS", "2222"}};
    if (held & 4) sources.flags = {{"limits.max_pixels", "3333"}};
    auto settings = load_settings(sources);
    ASSERT_TRUE(settings.ok()) << settings.error().detail;
    std::uint64_t expected = held & 4 ? 3333 : held & 2 ? 2222 : held & 1 ? 1111 : 100'000'000;
    EXPECT_EQ(settings->limits.max_pixels, expected) << held;
  }
}

TEST(LoadSettings, SourcesAddUp) {
  TemporaryFile file(
      "listen = \"127.0.0.1:0\"\nlimits.max_frames = 7\n"
      "[server]\nmin_body_rate = \"2KiB\"\nqueue=5\n[log]\nrequests = false\n"
      "[cors]\norigins = [\"https://a.example\", \"https://b.example\"]\n");
  auto sources = nothing();
  sources.config = file.path();
  sources.environment = {{"TINTYPE_UPLOAD_URL_TTL", "90s"},
                         {"TINTYPE_SERVER", "http://for-the-upload-command"},
                         {"TINTYPE_TEST_ANYTHING", "x"},
                         {"PATH", "/bin"}};
  sources.flags = {{"data", "/tmp/d"}, {"imaging.sandbox", "required"}, {"log.level", "error"}};
  auto settings = load_settings(sources);
  ASSERT_TRUE(settings.ok()) << settings.error().detail;
  EXPECT_EQ(settings->listen, (ListenAddress{"127.0.0.1", 0}));
  EXPECT_EQ(settings->limits.max_frames, 7u);
  EXPECT_EQ(settings->server.min_body_rate, 2048u);
  EXPECT_EQ(settings->server.queue, 5u);
  EXPECT_FALSE(settings->log.requests);
  EXPECT_EQ(settings->cors.origins,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
  EXPECT_EQ(settings->upload.url_ttl, seconds(90));
  EXPECT_EQ(settings->data, "/tmp/d");
  EXPECT_EQ(settings->imaging.sandbox, SandboxMode::required);
  EXPECT_EQ(settings->log.level, LogThreshold::error);
}

TEST(LoadSettings, TheFirstDefaultFileThatExistsIsRead) {
  TemporaryFile first("data = \"first\""), second("data = \"second\"");
  SettingsSources sources;
  sources.default_configs = {"/nonexistent/tintype.toml", first.path(), second.path()};
  EXPECT_EQ(load_settings(sources)->data, "first");
  sources.config = second.path();
  EXPECT_EQ(load_settings(sources)->data, "second");
  sources.config.reset();
  sources.default_configs = {"/nonexistent/tintype.toml"};
  EXPECT_EQ(load_settings(sources)->data, "./data");
}

TEST(LoadSettings, UnknownNamesAreRefusedWithTheirSource) {
  EXPECT_EQ(refused_flag("limits.max_uplod_bytes", "1"),
            "unknown flag --limits.max_uplod_bytes; did you mean --limits.max_upload_bytes?");
  EXPECT_EQ(refused_flag("zzzzzzzzzz", "1"), "unknown flag --zzzzzzzzzz");
  auto sources = nothing();
  sources.environment = {{"TINTYPE_LISTN", "x"}};
  EXPECT_EQ(refusal(sources),
            "unknown environment variable TINTYPE_LISTN; did you mean TINTYPE_LISTEN?");
  EXPECT_EQ(refused_file("\n[upload]\nttl = \"5m\"\n"), " line 3: unknown setting upload.ttl");
  EXPECT_EQ(refused_file("liten = \"x\""), " line 1: unknown setting liten; did you mean listen?");
}

TEST(LoadSettings, BadValuesNameTheirSource) {
  EXPECT_EQ(refused_flag("server.queue", "0"),
            "flag --server.queue: \"0\" is less than the least, 1");
  auto sources = nothing();
  sources.environment = {{"TINTYPE_UPLOAD_URL_TTL", "8d"}};
  EXPECT_EQ(refusal(sources),
            "environment variable TINTYPE_UPLOAD_URL_TTL: \"8d\" is more than the most, 7d");
  EXPECT_EQ(refused_file("[limits]\n\nmax_frames = \"many\""),
            " line 3: limits.max_frames: \"many\" is not a whole number; for example 300");
}

TEST(LoadSettings, BadFilesAreRefused) {
  EXPECT_NE(refused_file("[limits\n").find(" line 1: "), std::string::npos);
  EXPECT_NE(refused_file("a = 1\na = 2").find(" line 2: "), std::string::npos);
  EXPECT_NE(refused_file("data = 2026-01-01").find("data must be"), std::string::npos);
  EXPECT_NE(refused_file("[cors]\norigins = [1]").find("must be"), std::string::npos);
  EXPECT_NE(refused_file("[cors]\norigins = [\"a,b\"]").find("must be"), std::string::npos);
  EXPECT_NE(refused_file("data = \"\xFF\"").find("line 1"), std::string::npos);
  auto sources = nothing();
  sources.config = "/nonexistent/tintype.toml";
  EXPECT_EQ(refusal(sources).find("/nonexistent/tintype.toml: "), 0u);
  sources.config = "/tmp";
  EXPECT_EQ(refusal(sources).find("/tmp"), 0u);
}

TEST(SettingValues, WhatEachTypeRefuses) {
  struct Case {
    std::string name;
    std::vector<std::string> bad;
  };
  const Case cases[] = {
      {"log.requests", {"", "yes", "1", "TRUE", "true "}},
      {"server.queue",
       {"", "-1", "+1", "1.5", "0x10", " 1", "1 ", "1000001", "1k", "one", "18446744073709551616"}},
      {"limits.max_upload_bytes",
       {"", "0", "10MB", "10mib", "MiB", "-1MiB", "1.5MiB", "6GiB", "10  MiB", "99999999999GiB",
        "18446744073709551615GiB"}},
      {"upload.url_ttl", {"", "30", "1w", "s", "-5s", "999ms", "8d", "1h30m", "5 minutes"}},
      {"listen",
       {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
        "[127.0.0.1]:80", "[::1]", "example.com:80", "127.0.0.1:80x", "1.2.3:80"}},
      {"public_url",
       {"example.com", "ftp://x", "http://", "https:///x", "http://x?y", "http://x#y", "http://u@x",
        "http://a b"}},
      {"store", {"", "Embedded", "s3", "embedded,aws"}},
      {"imaging.sandbox", {"auto_", "on"}},
      {"imaging.quality", {"", "Best", "slow"}},
      {"imaging.color", {"", "p3", "sRGB"}},
      {"imaging.queue", {"0", "100001"}},
      {"imaging.memory_budget", {"1025GiB", "-1"}},
      {"renditions.variants", {",", "a,,b"}},
      {"renditions.max_per_image", {"0", "100001"}},
      {"renditions.avif_at_once", {"100000001", "1MiB"}},
      {"cors.origins", {",", "a,,b", "a\nb"}},
      {"data", {"", "a\nb", std::string("a\0b", 3), "\xFF", std::string(4097, 'a')}},
      {"s3.bucket", {"ab", std::string(64, 'a')}},
  };
  for (const auto& [name, bad] : cases) {
    for (const auto& value : bad) {
      auto detail = refused_flag(name, value);
      EXPECT_EQ(detail.find("flag --" + name + ": "), 0u) << name << "=" << value << ": " << detail;
    }
  }
}

TEST(SettingValues, WhatEachTypeAccepts) {
  Settings settings;
  auto set = [&](std::string_view name, std::string_view value) {
    auto result = set_value(settings, *find_setting(name), value);
    EXPECT_TRUE(result.ok()) << name << "=" << value;
  };
  set("listen", "[::1]:0");
  EXPECT_EQ(settings.listen, (ListenAddress{"::1", 0}));
  set("listen", "localhost:65535");
  EXPECT_EQ(settings.listen, (ListenAddress{"127.0.0.1", 65535}));
  set("limits.max_upload_bytes", "3 KiB");
  EXPECT_EQ(settings.limits.max_upload_bytes, 3072u);
  set("limits.max_upload_bytes", "77");
  EXPECT_EQ(settings.limits.max_upload_bytes, 77u);
  set("limits.max_upload_bytes", "77B");
  set("trash.retention", "0");
  EXPECT_EQ(settings.trash.retention, milliseconds(0));
  set("trash.retention", "1500ms");
  EXPECT_EQ(settings.trash.retention, milliseconds(1500));
  set("public_url", "https://example.com/base/");
  EXPECT_EQ(settings.public_url, "https://example.com/base");
  set("public_url", "");
  EXPECT_EQ(settings.public_url, "");
  set("cors.origins", "a , b");
  EXPECT_EQ(settings.cors.origins, (std::vector<std::string>{"a", "b"}));
  set("cors.origins", "");
  EXPECT_TRUE(settings.cors.origins.empty());
}

TEST(SettingValues, NumbersAreWrittenInTheUnitThatReadsWell) {
  Settings settings;
  auto written = [&](std::string_view name, std::string_view value) {
    auto setting = find_setting(name);
    EXPECT_TRUE(set_value(settings, *setting, value).ok());
    return format_value(settings, *setting);
  };
  EXPECT_EQ(written("trash.retention", "0"), "0");
  EXPECT_EQ(written("trash.retention", "1ms"), "1ms");
  EXPECT_EQ(written("trash.retention", "1s"), "1s");
  EXPECT_EQ(written("trash.retention", "60000ms"), "60s");
  EXPECT_EQ(written("trash.retention", "120s"), "2m");
  EXPECT_EQ(written("trash.retention", "48h"), "2d");
  EXPECT_EQ(written("limits.max_user_bytes", "1023"), "1023");
  EXPECT_EQ(written("limits.max_user_bytes", "1024"), "1KiB");
  EXPECT_EQ(written("limits.max_user_bytes", "1025KiB"), "1025KiB");
}

TEST(CheckSettings, RefusesWhatTogetherMakesNoSense) {
  auto check = [](auto change) {
    Settings settings;
    change(settings);
    return check_settings(settings);
  };
  EXPECT_TRUE(check([](Settings&) {}).ok());
  EXPECT_TRUE(check([](Settings& s) { s.store = StoreKind::aws; }).ok());
  EXPECT_FALSE(check([](Settings& s) { s.auth.mode = AuthMode::keys; }).ok());
  EXPECT_FALSE(check([](Settings& s) { s.auth.mode = AuthMode::jwt; }).ok());
  EXPECT_FALSE(check([](Settings& s) { s.upload.expires_after = seconds(60); }).ok());
  EXPECT_FALSE(check([](Settings& s) { s.limits.max_pixels = 1'000'000'000; }).ok());
  EXPECT_FALSE(check([](Settings& s) { s.renditions.variants.pop_back(); }).ok());
}

TEST(CheckSettings, BehindAGatewayTokensAreVerifiedAndNobodyListens) {
  auto check = [](auto change) {
    Settings settings;
    change(settings);
    return check_settings(settings, true).ok();
  };
  EXPECT_TRUE(check([](Settings& s) { s.auth.mode = AuthMode::jwt; }));
  EXPECT_FALSE(check([](Settings& s) { s.auth.mode = AuthMode::keys; }));
  EXPECT_TRUE(check([](Settings& s) { s.listen.host = "0.0.0.0"; }));
  EXPECT_FALSE(check([](Settings& s) { s.upload.expires_after = seconds(60); }));
}

TEST(LoadSettings, TheFunctionOfLambda) {
  auto sources = nothing();
  sources.environment = {{"TINTYPE_LAMBDA_FUNCTION", "delete"}};
  EXPECT_EQ(load_settings(sources)->lambda.function, LambdaFunction::delete_);
  sources.environment = {{"TINTYPE_LAMBDA_FUNCTION", "deletes"}};
  EXPECT_FALSE(load_settings(sources).ok());
}

TEST(LoadSettings, RenditionsAndImaging) {
  TemporaryFile file(
      "[imaging]\nquality = \"best\"\nmemory_budget = \"2GiB\"\n"
      "[renditions]\nvariants = [\"a?width=9\", \"b?gravity=0.1%2C0.2\"]\nladder = [\"b\"]\n");
  auto sources = nothing();
  sources.config = file.path();
  sources.environment = {{"TINTYPE_RENDITIONS_STORE", "false"},
                         {"TINTYPE_RENDITIONS_MEMORY_CACHE", "0"}};
  sources.flags = {{"imaging.color", "srgb"}, {"imaging.queue", "7"}};
  auto settings = load_settings(sources);
  ASSERT_TRUE(settings.ok()) << settings.error().detail;
  EXPECT_EQ(settings->imaging.quality, ImagingQuality::best);
  EXPECT_EQ(settings->imaging.color, ImagingColor::srgb);
  EXPECT_EQ(settings->imaging.queue, 7u);
  EXPECT_EQ(settings->imaging.memory_budget, 2ull << 30);
  EXPECT_EQ(settings->renditions.variants,
            (std::vector<std::string>{"a?width=9", "b?gravity=0.1%2C0.2"}));
  EXPECT_EQ(settings->renditions.ladder, (std::vector<std::string>{"b"}));
  EXPECT_FALSE(settings->renditions.store);
  EXPECT_EQ(settings->renditions.memory_cache, 0u);
}

TEST(LoadSettings, BadVariantsAreRefusedAtStart) {
  EXPECT_EQ(
      refused_flag("renditions.ladder", "thumb,poster"),
      "renditions.variants and renditions.ladder: \"poster\" in the ladder is not the name of "
      "a variant");
  EXPECT_EQ(refused_flag("renditions.variants", "thumb?width=0,feed,full"),
            "renditions.variants and renditions.ladder: \"thumb?width=0\": width must be a whole "
            "number from 1 to 8192");
  EXPECT_TRUE(load_settings(with_flag("renditions.ladder", "none")).ok());
  EXPECT_TRUE(load_settings(with_flag("renditions.ladder", "")).ok());
}

static_assert(kMaxLadder <= kMaxRenditionsAtOnce, "the ladder is made from one decode");

TEST(Settings, TheDefaultVariantsAreTheContracts) {
  Settings settings;
  auto configured =
      RenditionVariants::parse(settings.renditions.variants, settings.renditions.ladder);
  ASSERT_TRUE(configured.ok());
  auto same = [](const NamedRendition& a, const NamedRendition& b) {
    return a.name == b.name && a.spec == b.spec;
  };
  RenditionVariants fallback;
  EXPECT_TRUE(std::ranges::equal(configured->all(), fallback.all(), same));
  EXPECT_TRUE(std::ranges::equal(configured->ladder(), fallback.ladder(), same));
}

TEST(Settings, TheDefaultWorkerHoldsTheLargestImageThatIsAccepted) {
  Settings settings;
  ImageFacts largest;
  largest.content_type = MediaType::avif;  // which takes most for each pixel
  largest.width = static_cast<std::uint32_t>(settings.limits.max_pixels / 10'000);
  largest.height = 10'000;
  EXPECT_GE(settings.imaging.memory, estimate_render(largest, {}));
}

TEST(CheckSettings, ListensInPublicOnlyWhenTold) {
  for (auto host : {"0.0.0.0", "192.0.2.1", "::", "2001:db8::1"}) {
    Settings settings;
    settings.listen.host = host;
    auto refused = check_settings(settings);
    ASSERT_FALSE(refused.ok()) << host;
    EXPECT_NE(refused.error().detail.find("--allow-anonymous"), std::string::npos);
    settings.allow_anonymous = true;
    EXPECT_TRUE(check_settings(settings).ok()) << host;
  }
  for (auto host : {"127.0.0.1", "127.8.8.8", "::1"}) {
    Settings settings;
    settings.listen.host = host;
    EXPECT_TRUE(check_settings(settings).ok()) << host;
  }
}

TEST(ProcessEnvironment, HoldsTheVariables) {
  ::setenv("TINTYPE_TEST_VARIABLE", "a=b", 1);
  auto variables = process_environment();
  EXPECT_NE(std::ranges::find(variables,
                              std::pair<std::string, std::string>("TINTYPE_TEST_VARIABLE", "a=b")),
            variables.end());
}

TEST(SettingsHelp, NamesEverySettingItsVariableAndDefault) {
  auto help = settings_help();
  for (const auto& setting : settings_table()) {
    EXPECT_NE(help.find("\n" + std::string(setting.name) + "  (" + environment_name(setting.name)),
              std::string::npos)
        << setting.name;
  }
  EXPECT_NE(help.find("size, 1 to 5GiB; default 10MiB; for example 25MiB"), std::string::npos);
  EXPECT_EQ(help.find('`'), std::string::npos);
}

// When this fails: tintype help settings --markdown > docs/SETTINGS.md
TEST(SettingsHelp, TheDocumentIsUpToDate) {
  std::ifstream file(TINTYPE_SOURCE_DIR "/docs/SETTINGS.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), settings_markdown())
      << "run: tintype help settings --markdown > docs/SETTINGS.md";
}

}  // namespace
}  // namespace tintype

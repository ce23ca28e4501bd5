#include "telemetry/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "base/unique_fd.h"

namespace tintype {
namespace {

using boost::json::value;

boost::json::object parse_line(std::string_view line) {
  EXPECT_TRUE(line.ends_with("}\n"));
  return boost::json::parse(line.substr(0, line.size() - 1)).as_object();
}

boost::json::object line_with(std::initializer_list<LogField> fields,
                              std::string_view message = "m") {
  std::string line;
  append_log_line(line, LogLevel::info, "T", message, {fields.begin(), fields.size()});
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return parse_line(line);
}

// The log writes into a pipe while this lives; `lines` closes the pipe and returns what came.
class CapturedLog {
 public:
  CapturedLog() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    read_.reset(ends[0]);
    write_.reset(ends[1]);
    reader_ = std::thread([this] {
      char buffer[65536];
      for (ssize_t n; (n = read(read_.get(), buffer, sizeof buffer)) > 0;) text_.append(buffer, n);
    });
    set_log_fd(write_.get());
  }
  ~CapturedLog() { stop(); }
  std::vector<std::string> lines() {
    stop();
    std::vector<std::string> out;
    for (std::size_t at = 0, end; (end = text_.find('\n', at)) != text_.npos; at = end + 1) {
      out.push_back(text_.substr(at, end + 1 - at));
    }
    return out;
  }

 private:
  void stop() {
    set_log_fd(STDERR_FILENO);
    write_.reset();
    if (reader_.joinable()) reader_.join();
  }
  UniqueFd read_, write_;
  std::string text_;
  std::thread reader_;
};

TEST(Log, LineHasTimeLevelMessageAndFieldsOfEachType) {
  CapturedLog log;
  log_warn("disk almost full", {{"path", "/data"},
                                {"free", std::uint64_t{18446744073709551615u}},
                                {"change", -5},
                                {"ratio", 0.25},
                                {"read_only", false},
                                {"user", std::string("u1")}});
  auto lines = log.lines();
  ASSERT_EQ(lines.size(), 1u);
  auto object = parse_line(lines[0]);
  EXPECT_EQ(object.at("level"), value("warn"));
  EXPECT_EQ(object.at("msg"), value("disk almost full"));
  EXPECT_EQ(object.at("time").as_string().size(), 24u);
  EXPECT_EQ(object.at("path"), value("/data"));
  EXPECT_EQ(object.at("free"), value(18446744073709551615u));
  EXPECT_EQ(object.at("change"), value(-5));
  EXPECT_EQ(object.at("ratio"), value(0.25));
  EXPECT_EQ(object.at("read_only"), value(false));
  EXPECT_EQ(object.at("user"), value("u1"));
}

TEST(Log, HostileStringsStayOneValidLine) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  EXPECT_EQ(line_with({{"v", all}}, all).at("v"), value(all));
  EXPECT_EQ(line_with({{"v", "\",\"level\":\"error"}}).at("level"), value("info"));
  EXPECT_EQ(line_with({{"v", "\xF0\x9F\x93\xB7 \xC3\xA9"}}).at("v"),
            value("\xF0\x9F\x93\xB7 \xC3\xA9"));
}

TEST(Log, IllFormedUtf8IsReplacedByteByByte) {
  constexpr std::string_view kR = "\xEF\xBF\xBD";
  auto repaired = [&](std::string_view in) {
    return std::string(line_with({{"v", in}}).at("v").as_string());
  };
  EXPECT_EQ(repaired("a\xFFz"), "a" + std::string(kR) + "z");
  EXPECT_EQ(repaired("\xC3"), kR);
  EXPECT_EQ(repaired("\xC3\xA9\xE2\x82"), "\xC3\xA9" + std::string(kR) + std::string(kR));
  EXPECT_EQ(repaired("\xED\xA0\x80"), std::string(kR) + std::string(kR) + std::string(kR));
}

TEST(Log, NumbersThatJsonLacksBecomeNull) {
  EXPECT_TRUE(line_with({{"v", std::nan("")}}).at("v").is_null());
  EXPECT_TRUE(line_with({{"v", std::numeric_limits<double>::infinity()}}).at("v").is_null());
}

TEST(Log, ThresholdHidesLessSevereEvents) {
  CapturedLog log;
  set_log_level(LogLevel::warn);
  EXPECT_FALSE(log_enabled(LogLevel::info));
  log_debug("no");
  log_info("no");
  log_warn("yes");
  log_error("yes");
  set_log_level(LogLevel::off);
  log_error("no");
  set_log_level(LogLevel::info);
  auto lines = log.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(parse_line(lines[0]).at("level"), value("warn"));
  EXPECT_EQ(parse_line(lines[1]).at("level"), value("error"));
}

TEST(Log, LinesLongerThanAPipeWriteStayWhole) {
  CapturedLog log;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::string text(20'000, static_cast<char>('a' + t));
      for (int i = 0; i < 50; ++i) log_info("long", {{"text", text}});
    });
  }
  for (auto& thread : threads) thread.join();
  auto lines = log.lines();
  ASSERT_EQ(lines.size(), 200u);
  for (const auto& line : lines) {
    auto text = parse_line(line).at("text").as_string();
    EXPECT_EQ(text.size(), 20'000u);
    EXPECT_EQ(text.find_first_not_of(text[0]), text.npos);
  }
}

TEST(Log, ClosedDescriptorIsSurvived) {
  set_log_fd(-1);
  log_info("lost");
  set_log_fd(STDERR_FILENO);
}

TEST(Redact, SecretsOfAQueryAreHidden) {
  EXPECT_EQ(redact_target("/objects/b/k?X-Amz-Algorithm=A&X-Amz-Signature=abc&X-Amz-Date=d"),
            "/objects/b/k?X-Amz-Algorithm=A&X-Amz-Signature=REDACTED&X-Amz-Date=d");
  EXPECT_EQ(redact_target("/?x-amz-security-token=t&X-Amz-Credential=AK%2Fx"),
            "/?x-amz-security-token=REDACTED&X-Amz-Credential=REDACTED");
  EXPECT_EQ(redact_target("/?X-Amz-Sig%6Eature=abc"), "/?X-Amz-Sig%6Eature=REDACTED");
  EXPECT_EQ(redact_target("/?access_token=t&api_key=k&password=p"),
            "/?access_token=REDACTED&api_key=REDACTED&password=REDACTED");
}

TEST(Redact, OrdinaryTargetsStay) {
  for (auto target : {"/images", "/images?", "/images?tags=a,b&last_key=xyz&limit=5", "/?a&b=&=c",
                      "", "?", "/x?%zz=1"}) {
    EXPECT_EQ(redact_target(target), target);
  }
}

TEST(Redact, LongTargetsAreCut) {
  EXPECT_EQ(redact_target("/" + std::string(5000, 'a')).size(), 2048u);
  EXPECT_EQ(redact_target("/?" + std::string(5000, '&')).size(), 2048u);
  // The cut never uncovers a secret.
  auto cut = redact_target("/?q=" + std::string(2030, 'a') + "&X-Amz-Signature=topsecret");
  EXPECT_EQ(cut.find("top"), cut.npos);
}

TEST(Redact, SecretHeaders) {
  EXPECT_TRUE(is_secret_header("Authorization"));
  EXPECT_TRUE(is_secret_header("COOKIE"));
  EXPECT_TRUE(is_secret_header("x-amz-security-token"));
  EXPECT_FALSE(is_secret_header("content-type"));
}

TEST(Log, LinesOfATraceCarryItsId) {
  CapturedLog log;
  set_log_trace("Root=1-5759e988-bd862e3fe1be46a994272793");
  log_info("one", {{"n", 1}});
  set_log_trace("");
  log_info("two");
  auto lines = log.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(parse_line(lines[0]).at("trace_id"), "Root=1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(parse_line(lines[0]).at("n"), 1);
  EXPECT_FALSE(parse_line(lines[1]).contains("trace_id"));
}

}  // namespace
}  // namespace tintype

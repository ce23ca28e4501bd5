// Written straight to the descriptor: a JSON line is one string and one write(2), so a logging
// library underneath would only format the line a second time.
#include "telemetry/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <mutex>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json_writer.h"

namespace tintype {
namespace {

std::atomic<LogLevel> threshold{LogLevel::info};
std::atomic<int> log_fd{STDERR_FILENO};
// Pipes keep only writes of up to PIPE_BUF bytes whole; the lock keeps longer lines whole too.
std::mutex write_mutex;

std::atomic<bool> has_trace{false};
std::mutex trace_mutex;
std::string trace_id;  // guarded by trace_mutex

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Replaces each byte that is not part of a well-formed character.
std::string repair_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= 4 && length <= text.size() && !is_valid_utf8(text.substr(0, length))) ++length;
    if (length > 4 || length > text.size()) {
      out += kReplacement;
      length = 1;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

void append_text(std::string& out, std::string_view text) {
  if (is_valid_utf8(text)) [[likely]] {
    append_json_string(out, text);
  } else {
    append_json_string(out, repair_utf8(text));
  }
}

struct ValueAppender {
  std::string& out;
  void operator()(std::string_view value) const { append_text(out, value); }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(double value) const {
    if (!std::isfinite(value)) {
      out += "null";
    } else {
      number(value);
    }
  }
  void operator()(std::int64_t value) const { number(value); }
  void operator()(std::uint64_t value) const { number(value); }

  void number(auto value) const {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
};

void append_trace(std::string& line) {
  std::lock_guard lock(trace_mutex);
  line.resize(line.size() - std::string_view("}\n").size());
  line += R"(,"trace_id":)";
  append_text(line, trace_id);
  line += "}\n";
}

void write_line(std::string_view line) {
  std::lock_guard lock(write_mutex);
  while (!line.empty()) {
    auto written = ::write(log_fd.load(std::memory_order_relaxed), line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is left to tell
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string_view log_level_name(LogLevel level) {
  static constexpr std::string_view kNames[] = {"debug", "info", "warn", "error", "off"};
  return kNames[static_cast<std::size_t>(level)];
}

bool log_enabled(LogLevel level) { return level >= threshold.load(std::memory_order_relaxed); }
void set_log_level(LogLevel level) { threshold.store(level, std::memory_order_relaxed); }
void set_log_fd(int fd) { log_fd.store(fd, std::memory_order_relaxed); }

void set_log_trace(std::string_view id) {
  std::lock_guard lock(trace_mutex);
  trace_id = id;
  has_trace = !id.empty();
}

void append_log_line(std::string& out, LogLevel level, std::string_view time,
                     std::string_view message, LogFields fields) {
  out += R"({"time":")";
  out += time;
  out += R"(","level":")";
  out += log_level_name(level);
  out += R"(","msg":)";
  append_text(out, message);
  for (const auto& field : fields) {
    out += ',';
    append_text(out, field.name());
    out += ':';
    std::visit(ValueAppender{out}, field.value());
  }
  out += "}\n";
}

void log_event(LogLevel level, std::string_view message, LogFields fields) {
  if (!log_enabled(level)) return;
  thread_local std::string line;  // keeps its memory from line to line
  line.clear();
  append_log_line(line, level, format_rfc3339(SystemClock().now()), message, fields);
  if (has_trace.load(std::memory_order_relaxed)) append_trace(line);
  write_line(line);
  if (line.capacity() > 64 * 1024) line = {};
}

}  // namespace tintype

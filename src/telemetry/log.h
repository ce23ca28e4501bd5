// The log: structured JSON, one line per event.
//
//   log_info("image activated", {{"image_id", id.to_string()}, {"size", image.size}});
//   {"time":"2026-11-22T08:00:00.123Z","level":"info","msg":"image activated","image_id":...}
//
// Threading: any thread, at any time; each line is written with one write(2), so lines never mix.
// Cost: a line below the threshold costs one comparison (and the making of its fields; guard costly
// ones with log_enabled); a written one a few hundred nanoseconds and the system call.
// Nothing secret may go in: use redact_target for URLs and never log header values of
// Authorization, tokens, keys or payloads.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tintype {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };
std::string_view log_level_name(LogLevel level);

// A name and a value. It borrows text: give it to a log function in the same expression.
class LogField {
 public:
  LogField(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  LogField(std::string_view name, const char* value)
      : name_(name), value_(std::string_view(value)) {}
  LogField(std::string_view name, const std::string& value)
      : name_(name), value_(std::string_view(value)) {}
  LogField(std::string_view name, bool value) : name_(name), value_(value) {}
  LogField(std::string_view name, double value) : name_(name), value_(value) {}
  LogField(std::string_view name, std::signed_integral auto value)
      : name_(name), value_(static_cast<std::int64_t>(value)) {}
  LogField(std::string_view name, std::unsigned_integral auto value)
      : name_(name), value_(static_cast<std::uint64_t>(value)) {}

  std::string_view name() const { return name_; }
  const auto& value() const { return value_; }

 private:
  std::string_view name_;
  std::variant<std::string_view, bool, double, std::int64_t, std::uint64_t> value_;
};

using LogFields = std::span<const LogField>;

bool log_enabled(LogLevel level);
void log_event(LogLevel level, std::string_view message, LogFields fields);

inline void log_debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::debug, message, {fields.begin(), fields.size()});
}
inline void log_info(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::info, message, {fields.begin(), fields.size()});
}
inline void log_warn(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::warn, message, {fields.begin(), fields.size()});
}
inline void log_error(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::error, message, {fields.begin(), fields.size()});
}

// The least severe level that is written; `info` at first.
void set_log_level(LogLevel level);
// Where lines go; standard error (2) at first. The descriptor is not owned.
void set_log_fd(int fd);

// The trace that the process works on, in every line from now on as `trace_id`; empty: none. For
// processes that do one thing at a time, such as AWS Lambda's.
void set_log_trace(std::string_view trace_id);

// Makes the line that log_event writes, with its newline. Ill-formed UTF-8 in values becomes
// U+FFFD; numbers that JSON lacks (NaN, infinities) become null.
void append_log_line(std::string& out, LogLevel level, std::string_view time,
                     std::string_view message, LogFields fields);

// A request target fit for the log: the values of query parameters that grant access or carry
// secrets (X-Amz-Signature, X-Amz-Credential, X-Amz-Security-Token, and names with token, secret,
// signature, password or key) become `REDACTED`; cut after 2048 bytes.
std::string redact_target(std::string_view target);
// True for headers whose values must not be logged: Authorization, Cookie, X-Api-Key, ...
bool is_secret_header(std::string_view name);

}  // namespace tintype

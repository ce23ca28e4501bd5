#include "adapters/aws/ini_file.h"

#include "adapters/aws/credential_source.h"
#include "base/encoding.h"
#include "signing/text.h"

namespace tintype {
namespace {

Error bad_line(std::size_t number, std::string_view what) {
  return invalid_error("invalid_ini", "line " + std::to_string(number) + " " + std::string(what));
}

// Takes the text before the next LF, CR or CR LF, and the line end.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find_first_of("\r\n");
  const auto line = text.substr(0, end);
  const bool two = end != text.npos && text.substr(end, 2) == "\r\n";
  text.remove_prefix(end == text.npos ? text.size() : end + (two ? 2 : 1));
  return line;
}

// The text between the first bracket and the last, if it is not empty.
std::optional<std::string_view> section_name(std::string_view line) {
  const auto end = line.rfind(']');
  if (line.front() != '[' || end == line.npos || end < 2) return std::nullopt;
  return line.substr(1, end - 1);
}

class IniReader {
 public:
  Result<void> read(std::string_view line) {
    ++number_;
    const auto text = trim_blanks(line);
    if (text.empty()) return go_on_with("");
    if (text.front() == '#' || text.front() == ';') return {};
    const auto indent = line.find(text);
    if (value_ && indent > indent_) return go_on_with(text);
    indent_ = indent;
    if (const auto name = section_name(text)) return begin_section(*name);
    return begin_setting(text);
  }

  IniFile finish() && {
    for (auto& [name, section] : file_)
      for (auto& [key, value] : section) value.erase(value.find_last_not_of(" \t\n\v\f\r") + 1);
    return std::move(file_);
  }

 private:
  Result<void> go_on_with(std::string_view text) {
    if (value_) value_->append("\n").append(text);
    return {};
  }

  Result<void> begin_section(std::string_view name) {
    section_ = &file_[std::string(name)];
    value_ = nullptr;
    return {};
  }

  Result<void> begin_setting(std::string_view text) {
    if (!section_) return bad_line(number_, "stands before the first section");
    const auto end = text.find_first_of("=:");
    if (end == text.npos || end == 0)
      return bad_line(number_, "is neither a section nor a setting");
    auto name = sigv4::ascii_lower(trim_blanks(text.substr(0, end)));
    value_ = &(*section_)[std::move(name)];
    *value_ = trim_blanks(text.substr(end + 1));
    return {};
  }

  IniFile file_;
  IniSection* section_ = nullptr;
  std::string* value_ = nullptr;  // of the setting that further lines may belong to
  std::size_t indent_ = 0;
  std::size_t number_ = 0;
};

}  // namespace

Result<IniFile> parse_ini(std::string_view text) {
  if (!is_valid_utf8(text)) return invalid_error("invalid_ini", "it is not UTF-8 text");
  IniReader reader;
  while (!text.empty()) TRY(reader.read(take_line(text)));
  return std::move(reader).finish();
}

}  // namespace tintype

// sanitize_filename of domain/validators.h.
#include <algorithm>

#include "base/encoding.h"
#include "base/unicode.h"
#include "domain/validators.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxRawFilename = 4096;
constexpr std::size_t kMaxExtension = 16;  // bytes with the dot; what is longer is no extension

// What follows the last separator, of either kind of system: browsers on Windows have sent whole
// paths.
std::string_view last_component(std::string_view path) {
  std::size_t separator = path.find_last_of("/\\");
  return separator == std::string_view::npos ? path : path.substr(separator + 1);
}

std::string without_unprintable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char32_t c = take_code_point(text);
    if (!is_unprintable(c)) append_utf8(out, c);
  }
  return out;
}

// Without white space at either end, the dots at the end that Windows drops, and, when asked for,
// the dots in front that would hide the file.
std::string_view trim_name(std::string_view name, bool front_dots) {
  for (;;) {
    std::string_view trimmed = trim_spaces(name);
    while (trimmed.ends_with('.')) trimmed.remove_suffix(1);
    while (front_dots && trimmed.starts_with('.')) trimmed.remove_prefix(1);
    if (trimmed == name) return name;
    name = trimmed;
  }
}

// At most `size` bytes from the front, ending at a character's edge.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

// At most kMaxFilenameBytes; the stem gives way, the extension stays.
std::string shorten(std::string_view name) {
  if (name.size() <= kMaxFilenameBytes) return std::string(name);
  std::size_t dot = name.rfind('.');
  bool has_extension = dot != std::string_view::npos && name.size() - dot <= kMaxExtension;
  std::string_view extension = has_extension ? name.substr(dot) : std::string_view();
  std::string_view stem = name.substr(0, name.size() - extension.size());
  return std::string(trim_name(cut(stem, kMaxFilenameBytes - extension.size()), true))
      .append(extension);
}

}  // namespace

Result<std::string> sanitize_filename(std::string_view text, MediaType type) {
  bool too_long = text.size() > kMaxRawFilename;
  if (too_long || !is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return invalid_error("invalid_filename",
                         "filename must be UTF-8 text without NUL of at most 4096 bytes.");
  std::string printable = without_unprintable(last_component(text));
  std::string_view name = trim_name(printable, false);
  std::string_view visible = trim_name(name, true);
  if (visible.empty()) return "image" + std::string(file_extension(type));
  bool only_extension = name.starts_with('.') && visible.find('.') == std::string_view::npos;
  return shorten(only_extension ? "image." + std::string(visible) : std::string(visible));
}

}  // namespace tintype

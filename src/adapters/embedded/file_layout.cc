#include "adapters/embedded/file_layout.h"

#include <cstdio>

#include "base/encoding.h"
#include "base/hash.h"
#include "ports/object_rules.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxNameLength = 255;

FolderIndex folder_of(std::string_view text) {
  const std::string digest = sha256(text);
  return static_cast<FolderIndex>(static_cast<unsigned char>(digest[0]) << 8 |
                                  static_cast<unsigned char>(digest[1]));
}

// The part before the last slash when that part has a slash itself.
std::optional<std::string_view> nested_directory(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view directory = key.substr(0, slash);
  if (directory.find('/') == std::string_view::npos) return {};
  return directory;
}

std::string escape(std::string_view key) {
  std::string name;
  for (const char c : key) {
    if (c == '%') name += "%25";
    else if (c == '/') name += "%2F";
    else name += c;
  }
  return name;
}

// A `%` that no hex digit follows, so that it is no key's name.
ObjectPath marker_of(std::string_view directory) {
  return {folder_of(directory), "%sub-" + hex_encode(sha256(directory))};
}

}  // namespace

std::string folder_parent(FolderIndex folder) {
  char text[3];
  std::snprintf(text, sizeof text, "%02x", folder >> 8u);
  return text;
}

std::string folder_path(FolderIndex folder) {
  char text[6];
  std::snprintf(text, sizeof text, "%02x/%02x", folder >> 8u, folder & 0xffu);
  return text;
}

Result<ObjectPath> object_path(std::string_view key) {
  TRY(check_object_key(key));
  ObjectPath path{folder_of(nested_directory(key).value_or(key)), escape(key)};
  if (path.name.size() > kMaxNameLength) {
    return invalid_error("invalid_key", "This store keeps keys of up to 255 bytes when escaped.");
  }
  return path;
}

std::optional<std::string> key_of_name(std::string_view name) {
  auto key = percent_decode(name);
  if (!key.ok() || !check_object_key(*key).ok() || escape(*key) != name) return {};
  return std::move(*key);
}

std::vector<ObjectPath> markers_for(std::string_view key) {
  std::vector<ObjectPath> markers;
  std::optional<std::string_view> directory = nested_directory(key);
  while (directory && (directory = nested_directory(*directory))) {
    markers.push_back(marker_of(*directory));
  }
  return markers;
}

std::optional<PrefixScope> scope_of_prefix(std::string_view prefix) {
  const auto directory = nested_directory(prefix);
  if (!directory) return {};
  return PrefixScope{folder_of(*directory), marker_of(*directory)};
}

}  // namespace tintype

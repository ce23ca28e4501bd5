#include "adapters/embedded/file_layout.h"

#include <cstdio>

#include "base/encoding.h"
#include "base/hash.h"
#include "ports/object_rules.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxNameLength = 255;

FolderIndex nested_folder(std::string_view directory) {
  const std::string digest = sha256(directory);
  return static_cast<unsigned>(static_cast<unsigned char>(digest[0])) << 8u |
         static_cast<unsigned char>(digest[1]);
}

FolderIndex flat_folder(std::string_view key) {
  return kNestedFolders + static_cast<unsigned char>(sha256(key)[0]);
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

}  // namespace

std::string folder_parent(FolderIndex folder) {
  if (folder >= kNestedFolders) return std::string(kFlatFolder);
  char text[3];
  std::snprintf(text, sizeof text, "%02x", folder >> 8u & 0xffu);
  return text;
}

std::string folder_path(FolderIndex folder) {
  char last[4];
  std::snprintf(last, sizeof last, "/%02x", folder & 0xffu);
  return folder_parent(folder) + last;
}

Result<ObjectPath> object_path(std::string_view key) {
  TRY(check_object_key(key));
  const auto directory = nested_directory(key);
  ObjectPath path{directory ? nested_folder(*directory) : flat_folder(key), escape(key)};
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

std::optional<FolderIndex> folder_of_prefix(std::string_view prefix) {
  const auto directory = nested_directory(prefix);
  if (!directory) return {};
  return nested_folder(*directory);
}

bool is_directly_below(std::string_view key, std::string_view prefix) {
  return key.size() > prefix.size() && key.starts_with(prefix) &&
         key.find('/', prefix.size()) == std::string_view::npos;
}

}  // namespace tintype

// Where an object's file lies: pure functions between keys and paths below the bucket's folder.
//
//   <h1>/<h2>/<name>   keys whose directory has a slash, e.g. `renditions/<id>/a.webp`
//   flat/<h1>/<name>   all others, e.g. `incoming/<id>`
//
// <name> is the key with `%` and `/` as %25 and %2F. <h1> and <h2> are the first two bytes, in hex,
// of a SHA-256: of the key's directory in the first case, of the whole key in the second. So what
// lies directly in a directory with a slash shares one of 65536 folders; and short-lived uploads
// spread over 256 that are always there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tintype {

inline constexpr unsigned kNestedFolders = 65536;
inline constexpr unsigned kFlatFolders = 256;
inline constexpr unsigned kFanOutFolders = kNestedFolders + kFlatFolders;
inline constexpr std::string_view kTempFolder = "tmp";
inline constexpr std::string_view kFlatFolder = "flat";

// One of the folders: 0x0a4f is `0a/4f`, 0x1000a is `flat/0a`.
using FolderIndex = std::uint32_t;
std::string folder_path(FolderIndex folder);
std::string folder_parent(FolderIndex folder);

struct ObjectPath {
  FolderIndex folder = 0;
  std::string name;
  std::string full() const { return folder_path(folder) + "/" + name; }
};

// Errors: `invalid` with code `invalid_key` for a bad key or a name of more than 255 bytes.
Result<ObjectPath> object_path(std::string_view key);
// The key of a file name; nothing for what is not an object's name.
std::optional<std::string> key_of_name(std::string_view name);

// The folder of every key that lies directly below `prefix`, which ends with a slash; nothing when
// they spread over several.
std::optional<FolderIndex> folder_of_prefix(std::string_view prefix);
// Whether `key` is `prefix` and a name without a slash.
bool is_directly_below(std::string_view key, std::string_view prefix);

}  // namespace tintype

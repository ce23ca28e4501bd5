// Where an object's file lies: pure functions between keys and paths below the bucket's folder.
//
//   <h1>/<h2>/<name>   <name> is the key with `%` and `/` as %25 and %2F
//
// <h1> and <h2> are the first two bytes, in hex, of the SHA-256 of the key's directory when that
// has a slash itself (`renditions/<id>`), else of the whole key. So one image's renditions share a
// folder, and `incoming/<id>` spreads over all. Where a directory has deeper ones below it, its
// folder holds a marker file; without it, everything below the prefix is in that one folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tintype {

inline constexpr unsigned kFanOutFolders = 65536;
inline constexpr std::string_view kTempFolder = "tmp";  // no folder of the fan-out is called so

// One of the 65536 folders, e.g. 0x0a4f is `0a/4f`.
using FolderIndex = std::uint16_t;
std::string folder_path(FolderIndex folder);
std::string folder_parent(FolderIndex folder);

struct ObjectPath {
  FolderIndex folder = 0;
  std::string name;
  std::string full() const { return folder_path(folder) + "/" + name; }
};

// Errors: `invalid` with code `invalid_key` for a bad key or a name of more than 255 bytes.
Result<ObjectPath> object_path(std::string_view key);
// The key of a file name; nothing for markers and whatever else is not an object's name.
std::optional<std::string> key_of_name(std::string_view name);

// The marker files that must exist before `key` does: one for each directory above the key's own
// that has a slash.
std::vector<ObjectPath> markers_for(std::string_view key);

// Where keys that start with a prefix can be: everywhere, or in one folder unless `deeper` exists.
struct PrefixScope {
  FolderIndex folder = 0;
  ObjectPath deeper;
};
std::optional<PrefixScope> scope_of_prefix(std::string_view prefix);

}  // namespace tintype

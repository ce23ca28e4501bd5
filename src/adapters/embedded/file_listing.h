// Reading the folders of a bucket: which keys with a prefix they hold, in a stable order, with
// memory bounded by the page and not by the store.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/embedded/durable_file.h"
#include "adapters/embedded/file_layout.h"
#include "base/result.h"

namespace tintype {

// Where a listing stopped: after `name` of `folder`. The text form is for `make_continuation`.
struct FilePosition {
  unsigned folder = 0;  // kFanOutFolders when nothing is left
  std::string name;     // empty: before the folder's first
  std::string to_string() const;
  // Errors: `invalid` with code `invalid_continuation`.
  static Result<FilePosition> parse(std::string_view text);
};

struct FoundKey {
  std::string key;
  ObjectPath path;
};

// The next keys with `prefix` after `position`, at most `limit` and at least one unless none is
// left, and moves `position` behind them. Keys that stay there meanwhile are found exactly once.
// Errors: `internal`.
Result<std::vector<FoundKey>> next_keys(BucketFolder bucket, std::string_view prefix,
                                        FilePosition& position, std::size_t limit);

// The keys in one folder that are `prefix` and a name without a slash, all of them; none where the
// folder does not exist.
Result<std::vector<FoundKey>> keys_directly_below(BucketFolder bucket, FolderIndex folder,
                                                  std::string_view prefix);

// The names in the folder at `path`, handed to `visit` one by one. A missing folder has none.
Result<void> for_each_name(BucketFolder bucket, const std::string& path,
                           const std::function<void(std::string_view)>& visit);

}  // namespace tintype

#include "adapters/embedded/file_listing.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>

#include "adapters/embedded/file_system.h"

namespace tintype {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// The first `limit` names after `after` whose keys have the prefix, in order: a heap of the
// smallest.
Result<std::vector<FoundKey>> smallest_keys(BucketFolder bucket, FolderIndex folder,
                                            std::string_view prefix, std::string_view after,
                                            std::size_t limit) {
  const auto by_name = [](const FoundKey& a, const FoundKey& b) {
    return a.path.name < b.path.name;
  };
  std::vector<FoundKey> heap;
  const auto visit = [&](std::string_view name) {
    if (name <= after) return;
    if (heap.size() == limit && name >= heap.front().path.name) return;
    auto key = key_of_name(name);
    if (!key || !key->starts_with(prefix)) return;
    heap.push_back({std::move(*key), {folder, std::string(name)}});
    std::push_heap(heap.begin(), heap.end(), by_name);
    if (heap.size() <= limit) return;
    std::pop_heap(heap.begin(), heap.end(), by_name);
    heap.pop_back();
  };
  TRY(for_each_name(bucket, folder_path(folder), visit));
  std::sort_heap(heap.begin(), heap.end(), by_name);
  return heap;
}

// Whether `folder`, the first of 256 below one parent, can be skipped with all of them.
bool parent_is_missing(BucketFolder bucket, unsigned folder) {
  return folder % 256 == 0 &&
         bucket.fs.access_at(bucket.fd, folder_parent(static_cast<FolderIndex>(folder)), F_OK) ==
             -ENOENT;
}

// The last folder that the prefix can be in, having moved `position` to the first.
Result<unsigned> bound_to_scope(BucketFolder bucket, std::string_view prefix,
                                FilePosition& position) {
  const auto scope = scope_of_prefix(prefix);
  if (!scope) return kFanOutFolders - 1;
  const int deeper = bucket.fs.access_at(bucket.fd, scope->deeper.full(), F_OK);
  if (deeper == 0) return kFanOutFolders - 1;
  if (deeper != -ENOENT) return system_error("look for a marker file", -deeper);
  if (position.folder < scope->folder) position = {scope->folder, {}};
  return scope->folder;
}

}  // namespace

std::string FilePosition::to_string() const { return std::to_string(folder) + "/" + name; }

Result<FilePosition> FilePosition::parse(std::string_view text) {
  FilePosition position;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, position.folder);
  if (error != std::errc() || rest == end || *rest != '/' || position.folder >= kFanOutFolders) {
    return invalid_error("invalid_continuation", "The continuation is not one of this listing.");
  }
  position.name.assign(rest + 1, end);
  return position;
}

Result<void> for_each_name(BucketFolder bucket, const std::string& path,
                           const std::function<void(std::string_view)>& visit) {
  const int fd = bucket.fs.open_at(bucket.fd, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd == -ENOENT) return {};
  if (fd < 0) return system_error("open a folder", -fd);
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd));
  if (!dir) {
    const int error = errno;
    ::close(fd);
    return system_error("read a folder", error);
  }
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") visit(name);
    errno = 0;
  }
  if (errno != 0) return system_error("read a folder", errno);
  return {};
}

Result<std::vector<FoundKey>> keys_in_folder(BucketFolder bucket, FolderIndex folder,
                                             std::string_view prefix) {
  return smallest_keys(bucket, folder, prefix, {}, SIZE_MAX);
}

Result<std::vector<FoundKey>> next_keys(BucketFolder bucket, std::string_view prefix,
                                        FilePosition& position, std::size_t limit) {
  std::vector<FoundKey> found;
  const unsigned last = TRY(bound_to_scope(bucket, prefix, position));
  while (position.folder <= last) {
    if (parent_is_missing(bucket, position.folder)) {
      position = {position.folder + 256, {}};
      continue;
    }
    auto here = TRY(smallest_keys(bucket, static_cast<FolderIndex>(position.folder), prefix,
                                  position.name, limit - found.size()));
    std::move(here.begin(), here.end(), std::back_inserter(found));
    if (found.size() == limit) {
      position.name = found.back().path.name;
      return found;
    }
    position = {position.folder + 1, {}};
  }
  position = {kFanOutFolders, {}};
  return found;
}

}  // namespace tintype

#include "adapters/embedded/file_listing.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <bitset>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>

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

// Which of the 256 folders beside `folder` exist. A young store has few of them, and to ask for
// each would take longer than all the rest.
Result<std::bitset<256>> folders_beside(BucketFolder bucket, FolderIndex folder) {
  std::bitset<256> exist;
  TRY(for_each_name(bucket, folder_parent(folder), [&](std::string_view name) {
    unsigned last = 0;
    const auto [rest, error] = std::from_chars(name.begin(), name.end(), last, 16);
    if (error == std::errc() && rest == name.end() && name.size() == 2) exist.set(last);
  }));
  return exist;
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

Result<std::vector<FoundKey>> keys_directly_below(BucketFolder bucket, FolderIndex folder,
                                                  std::string_view prefix) {
  std::vector<FoundKey> found;
  TRY(for_each_name(bucket, folder_path(folder), [&](std::string_view name) {
    auto key = key_of_name(name);
    if (!key || !is_directly_below(*key, prefix)) return;
    found.push_back({std::move(*key), {folder, std::string(name)}});
  }));
  return found;
}

Result<std::vector<FoundKey>> next_keys(BucketFolder bucket, std::string_view prefix,
                                        FilePosition& position, std::size_t limit) {
  std::vector<FoundKey> found;
  std::optional<std::bitset<256>> exist;
  while (position.folder < kFanOutFolders) {
    const unsigned last = position.folder % 256;
    if (!exist || last == 0) exist = TRY(folders_beside(bucket, position.folder));
    if (exist->test(last)) {
      auto here =
          TRY(smallest_keys(bucket, position.folder, prefix, position.name, limit - found.size()));
      std::move(here.begin(), here.end(), std::back_inserter(found));
    }
    if (found.size() == limit) {
      position.name = found.back().path.name;
      return found;
    }
    position = {position.folder + 1, {}};
  }
  return found;
}

}  // namespace tintype

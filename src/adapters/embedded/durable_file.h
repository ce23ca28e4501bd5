// DurableFile: a new file that has no visible name until it is whole and on the disk.
//
//   auto file = TRY(DurableFile::create(bucket, named));
//   TRY(file.append(bytes)); ...
//   TRY(file.sync());                  // its bytes are durable
//   TRY(file.publish(path, names));    // and now has its name, durably
//
// It is an O_TMPFILE, which the kernel forgets by itself, or, where the file system has none, a
// file with a temporary name, which the store removes when it starts. Either way it begins in the
// bucket's folder `tmp`: file systems put an inode near the folder where it begins, and commit
// inodes that lie together sooner than scattered ones. Destroyed unpublished, it leaves nothing.
// Not thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "adapters/embedded/file_layout.h"
#include "adapters/embedded/file_system.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace tintype {

// The bucket's folder and how to call the system.
struct BucketFolder {
  FileSystem& fs;
  int fd = -1;
};

// Makes the names in a folder durable. Thread-safe.
class NameSync {
 public:
  virtual ~NameSync() = default;
  virtual Result<void> sync(FolderIndex folder) = 0;
};

class DurableFile {
 public:
  // Under a temporary name when `named`, or when the file system has no unnamed files.
  static Result<DurableFile> create(BucketFolder bucket, bool named);
  DurableFile(DurableFile&& other) noexcept;
  DurableFile& operator=(DurableFile&&) = delete;
  ~DurableFile();

  int fd() const { return fd_.get(); }
  Result<void> append(std::string_view bytes);
  // fdatasync. After an error the file must be given up: the kernel may have dropped its pages.
  Result<void> sync();
  // Gives the file its name, replacing what has it, and syncs the folder; when that fails, puts
  // back what was there. One caller at a time per name.
  Result<void> publish(const ObjectPath& path, NameSync& names);

 private:
  DurableFile(BucketFolder bucket, UniqueFd fd, std::string temp_path)
      : bucket_(bucket), fd_(std::move(fd)), temp_path_(std::move(temp_path)) {}

  BucketFolder bucket_;
  UniqueFd fd_;
  std::string temp_path_;  // empty: the file has no name
};

// Gives the existing file behind `fd` one more name, as `publish` does. Errors: code kNoHardLink
// when the file cannot have one more; `not_found` when it has lost its last name.
inline constexpr std::string_view kNoHardLink = "no_hard_link";
Result<void> publish_link(BucketFolder bucket, int fd, const ObjectPath& path, NameSync& names);

// fsync of a folder. An error is final; a second fsync could succeed without having written.
Result<void> sync_folder(BucketFolder bucket, const std::string& path);

// A path for a temporary name that nobody else uses.
std::string temp_path();

}  // namespace tintype

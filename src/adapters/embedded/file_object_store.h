// FileObjectStore: the ObjectStore port on files below one folder (docs/storage-format.md).
//
// A put is written to a file without a name, hashed once on the way, synced, and linked to its
// name; a copy is a hard link, because content never changes: every put makes a new inode. It
// relies on being the only process in its folder, which DataLock sees to.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/embedded/durable_file.h"
#include "adapters/embedded/fan_out.h"
#include "adapters/embedded/file_system.h"
#include "base/unique_fd.h"
#include "ports/local_presigner.h"
#include "ports/object_store.h"

namespace tintype {

struct FileObjectStoreOptions {
  std::string root;                  // the data folder; made when it is missing
  LocalPresignerOptions presigner;   // also names the bucket
  std::uint64_t min_free_bytes = 0;  // with less, puts and `check` are `storage_full`
  bool named_temp_files = false;     // never use O_TMPFILE, as on file systems without it
};

class FileObjectStore final : public ObjectStore {
 public:
  // Makes the folders, syncs what is there and removes what a crash left. `fs` must outlive the
  // store. Errors: `internal` (read-only, no permission), `storage_full`.
  static Result<std::unique_ptr<FileObjectStore>> create(FileObjectStoreOptions options,
                                                         FileSystem& fs = real_file_system());
  ~FileObjectStore() override;

  const std::string& bucket() const override { return options_.presigner.bucket; }
  // The store must outlive the writer.
  Result<std::unique_ptr<ObjectWriter>> put(const PutSpec& spec) override;
  Result<OpenObject> open(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> head(std::string_view key) override;
  Result<ObjectInfo> copy(std::string_view from, std::string_view to,
                          std::string_view if_etag = {}) override;
  Result<void> remove(std::string_view key) override;
  Result<void> discard(std::string_view key) override;
  Result<std::size_t> remove_prefix(std::string_view prefix) override;
  Result<ObjectPage> list(std::string_view prefix, std::string_view continuation,
                          std::size_t limit) override;
  Result<PresignedUrl> presign_put(const PresignPut& request) override;
  Result<PresignedUrl> presign_get(const PresignGet& request) override;
  Result<PresignedPost> presign_post(const PresignPost& request) override;
  // access(2) and statvfs(2): about two microseconds.
  Result<void> check() override;

 private:
  class Writer;
  struct Opened {
    ObjectInfo info;
    UniqueFd fd;
  };

  FileObjectStore(FileObjectStoreOptions options, FileSystem& fs, UniqueFd root);
  BucketFolder folder() const { return {fs_, root_.get()}; }
  Result<Opened> open_file(std::string_view key, const ObjectPath& path);
  Result<ObjectInfo> info_of(std::string key, int fd);
  Result<void> publish(DurableFile& file, const ObjectPath& path);
  Result<void> link(int fd, const ObjectPath& path);
  Result<ObjectInfo> copy_bytes(const Opened& source);  // to the key in `source.info`
  Result<bool> unlink(const ObjectPath& path);          // whether it was there
  Result<std::size_t> remove_directly_below(FolderIndex folder, std::string_view prefix);
  Result<void> check_space(std::uint64_t announced);
  Result<void> remove_leftovers();

  const FileObjectStoreOptions options_;
  const LocalPresigner presigner_;
  FileSystem& fs_;
  const UniqueFd root_;  // <root>/objects/<bucket>
  FanOut fan_out_;
};

}  // namespace tintype

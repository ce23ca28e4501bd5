#include "adapters/embedded/durable_file.h"

#include <fcntl.h>
#include <stdio.h>  // RENAME_EXCHANGE

#include <cerrno>

#include "base/encoding.h"
#include "base/random.h"

namespace tintype {
namespace {

constexpr mode_t kFileMode = 0640;

// What open answers for O_TMPFILE where the file system, or the kernel below FUSE, has none.
bool lacks_unnamed_files(int error) {
  return error == -EOPNOTSUPP || error == -EISDIR || error == -EINVAL;
}

bool lacks_exchange(int error) {
  return error == -EINVAL || error == -ENOSYS || error == -EOPNOTSUPP;
}

Error link_error(int error) {
  if (error == -EMLINK || error == -EPERM || error == -EOPNOTSUPP || error == -ENOSYS) {
    return {ErrorKind::internal, std::string(kNoHardLink), "The file cannot be linked.", {}};
  }
  return system_error("link of an object's file", -error);
}

// Puts the file at `temp` in the place of the one that has the name. The old one waits under `temp`
// until the folder is synced, so that a failed put leaves the key as it was.
Result<void> replace(BucketFolder bucket, const std::string& temp, const ObjectPath& path,
                     NameSync& names) {
  FileSystem& fs = bucket.fs;
  int renamed = fs.rename_at(bucket.fd, temp, path.full(), RENAME_EXCHANGE);
  const bool exchanged = renamed == 0;
  if (lacks_exchange(renamed)) renamed = fs.rename_at(bucket.fd, temp, path.full(), 0);
  if (renamed < 0) {
    fs.unlink_at(bucket.fd, temp);
    return system_error("rename an object's file", -renamed);
  }
  auto synced = names.sync(path.folder);
  if (!synced.ok() && exchanged) fs.rename_at(bucket.fd, temp, path.full(), RENAME_EXCHANGE);
  // A rename between two names of one inode does nothing, so the temporary name can still be there.
  fs.unlink_at(bucket.fd, temp);
  return synced;
}

// Syncs the folder of a name that was just made, and takes the name back when that fails.
Result<void> sync_new_name(BucketFolder bucket, const ObjectPath& path, NameSync& names) {
  auto synced = names.sync(path.folder);
  if (!synced.ok()) bucket.fs.unlink_at(bucket.fd, path.full());
  return synced;
}

}  // namespace

std::string temp_path() {
  SystemRandom random;
  return std::string(kTempFolder) + "/" + hex_encode(random_bytes(random, 16));
}

Result<void> sync_folder(BucketFolder bucket, const std::string& path) {
  UniqueFd folder(bucket.fs.open_at(bucket.fd, path, O_RDONLY | O_DIRECTORY, 0));
  if (!folder) return system_error("open a folder to sync it", -folder.get());
  const int synced = bucket.fs.fsync(folder.get());
  if (synced < 0) return system_error("fsync of a folder", -synced);
  return {};
}

Result<DurableFile> DurableFile::create(BucketFolder bucket, bool named) {
  if (!named) {
    const int fd =
        bucket.fs.open_at(bucket.fd, std::string(kTempFolder), O_TMPFILE | O_WRONLY, kFileMode);
    if (fd >= 0) return DurableFile(bucket, UniqueFd(fd), {});
    if (!lacks_unnamed_files(fd)) return system_error("open an unnamed file", -fd);
  }
  std::string path = temp_path();
  const int fd = bucket.fs.open_at(bucket.fd, path, O_CREAT | O_EXCL | O_WRONLY, kFileMode);
  if (fd < 0) return system_error("open a temporary file", -fd);
  return DurableFile(bucket, UniqueFd(fd), std::move(path));
}

DurableFile::DurableFile(DurableFile&& other) noexcept
    : bucket_(other.bucket_),
      fd_(std::move(other.fd_)),
      temp_path_(std::exchange(other.temp_path_, {})) {}

DurableFile::~DurableFile() {
  if (!temp_path_.empty()) bucket_.fs.unlink_at(bucket_.fd, temp_path_);
}

Result<void> DurableFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = bucket_.fs.write(fd_.get(), bytes.data(), bytes.size());
    if (written == -EINTR) continue;
    if (written < 0) return system_error("write of an object", static_cast<int>(-written));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> DurableFile::sync() {
  const int synced = bucket_.fs.fdatasync(fd_.get());
  if (synced < 0) return system_error("fdatasync of an object", -synced);
  return {};
}

Result<void> DurableFile::publish(const ObjectPath& path, NameSync& names) {
  if (temp_path_.empty()) {
    auto published = publish_link(bucket_, fd_.get(), path, names);
    // Only without /proc can a file that we hold open be missing.
    if (!published.ok() && published.error().is(ErrorKind::not_found)) {
      return internal_error("an unnamed file cannot be linked: is /proc mounted?");
    }
    return published;
  }
  const std::string temp = std::exchange(temp_path_, {});
  if (bucket_.fs.access_at(bucket_.fd, path.full(), F_OK) == 0) {
    return replace(bucket_, temp, path, names);
  }
  const int renamed = bucket_.fs.rename_at(bucket_.fd, temp, path.full(), 0);
  if (renamed < 0) {
    bucket_.fs.unlink_at(bucket_.fd, temp);
    return system_error("rename an object's file", -renamed);
  }
  return sync_new_name(bucket_, path, names);
}

Result<void> publish_link(BucketFolder bucket, int fd, const ObjectPath& path, NameSync& names) {
  const int linked = bucket.fs.link_fd(fd, bucket.fd, path.full());
  if (linked == 0) return sync_new_name(bucket, path, names);
  if (linked != -EEXIST) return link_error(linked);
  const std::string temp = temp_path();
  const int linked_temp = bucket.fs.link_fd(fd, bucket.fd, temp);
  if (linked_temp < 0) return link_error(linked_temp);
  return replace(bucket, temp, path, names);
}

}  // namespace tintype

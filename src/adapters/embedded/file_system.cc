#include "adapters/embedded/file_system.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace tintype {
namespace {

template <typename T>
T or_errno(T result) {
  return result < 0 ? -errno : result;
}

}  // namespace

int FileSystem::open_at(int dir, const std::string& path, int flags, mode_t mode) {
  return or_errno(::openat(dir, path.c_str(), flags | O_CLOEXEC, mode));
}
ssize_t FileSystem::write(int fd, const char* bytes, std::size_t size) {
  return or_errno(::write(fd, bytes, size));
}
int FileSystem::fdatasync(int fd) { return or_errno(::fdatasync(fd)); }
int FileSystem::fsync(int fd) { return or_errno(::fsync(fd)); }
int FileSystem::syncfs(int fd) { return or_errno(::syncfs(fd)); }
int FileSystem::set_xattr(int fd, const char* name, const void* value, std::size_t size) {
  return or_errno(::fsetxattr(fd, name, value, size, 0));
}
ssize_t FileSystem::get_xattr(int fd, const char* name, void* value, std::size_t size) {
  return or_errno(::fgetxattr(fd, name, value, size));
}
int FileSystem::link_fd(int fd, int dir, const std::string& path) {
  // AT_EMPTY_PATH would need a capability; the link in /proc is the way open(2) recommends.
  char self[32];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  return or_errno(::linkat(AT_FDCWD, self, dir, path.c_str(), AT_SYMLINK_FOLLOW));
}
int FileSystem::rename_at(int dir, const std::string& from, const std::string& to, unsigned flags) {
  return or_errno(::renameat2(dir, from.c_str(), dir, to.c_str(), flags));
}
int FileSystem::unlink_at(int dir, const std::string& path) {
  return or_errno(::unlinkat(dir, path.c_str(), 0));
}
int FileSystem::make_dir_at(int dir, const std::string& path, mode_t mode) {
  return or_errno(::mkdirat(dir, path.c_str(), mode));
}
int FileSystem::remove_dir_at(int dir, const std::string& path) {
  return or_errno(::unlinkat(dir, path.c_str(), AT_REMOVEDIR));
}
int FileSystem::access_at(int dir, const std::string& path, int mode) {
  return or_errno(::faccessat(dir, path.c_str(), mode, 0));
}
int FileSystem::stat_fd(int fd, struct stat& out) { return or_errno(::fstat(fd, &out)); }
int FileSystem::stat_space(int fd, struct statvfs& out) { return or_errno(::fstatvfs(fd, &out)); }

FileSystem& real_file_system() {
  static FileSystem system;
  return system;
}

}  // namespace tintype

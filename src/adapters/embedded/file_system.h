// FileSystem: the system calls that the file store makes, passed in so that tests can fail or stop
// at any one of them.
//
// Every method makes one call and returns what it returned, or the negative errno. Paths are
// relative to the folder `dir`. Thread-safe.
#pragma once

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <cstddef>
#include <string>

namespace tintype {

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual int open_at(int dir, const std::string& path, int flags, mode_t mode);
  virtual ssize_t write(int fd, const char* bytes, std::size_t size);
  virtual int fdatasync(int fd);
  virtual int fsync(int fd);
  virtual int syncfs(int fd);
  virtual int set_xattr(int fd, const char* name, const void* value, std::size_t size);
  virtual ssize_t get_xattr(int fd, const char* name, void* value, std::size_t size);
  // Gives the file behind `fd`, which may have no name yet, the name `path`.
  virtual int link_fd(int fd, int dir, const std::string& path);
  virtual int rename_at(int dir, const std::string& from, const std::string& to, unsigned flags);
  virtual int unlink_at(int dir, const std::string& path);
  virtual int make_dir_at(int dir, const std::string& path, mode_t mode);
  virtual int remove_dir_at(int dir, const std::string& path);
  virtual int access_at(int dir, const std::string& path, int mode);
  virtual int stat_fd(int fd, struct stat& out);
  virtual int stat_space(int fd, struct statvfs& out);
};

FileSystem& real_file_system();

}  // namespace tintype

#include "adapters/embedded/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tintype {
namespace {

Error cannot(const std::string& what, const std::string& folder, int error) {
  Error made = system_error(what, error);
  if (made.is(ErrorKind::not_found)) made = internal_error({});
  made.detail = "The data folder " + folder + " " + what + ": " + std::strerror(error) + ".";
  return made;
}

}  // namespace

Result<DataLock> DataLock::acquire(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return cannot("cannot be made", folder, failed.value());
  UniqueFd fd(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!fd) return cannot("cannot be written to", folder, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return DataLock(std::move(fd));
  if (errno != EWOULDBLOCK) return cannot("cannot be locked", folder, errno);
  return Error{ErrorKind::conflict,
               "data_in_use",
               "The data folder " + folder + " is in use by another process.",
               {}};
}

}  // namespace tintype

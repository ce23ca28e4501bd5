#include "adapters/aws/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace tintype {
namespace {

Error cannot_read(const std::string& path, int reason) {
  std::string detail = path + " cannot be read: " + std::strerror(reason);
  if (reason == ENOENT || reason == ENOTDIR) return not_found_error(path + " does not exist");
  if (reason == EACCES || reason == EPERM)
    return {ErrorKind::forbidden, "unreadable", std::move(detail), {}};
  return internal_error(std::move(detail));
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t limit) {
  // Opening a pipe that nobody writes to must not block.
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return cannot_read(path, errno);
  if (!S_ISREG(facts.st_mode)) return internal_error(path + " is not a file");
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limit)
    return Error{ErrorKind::too_large,
                 "file_too_large",
                 path + " is larger than " + std::to_string(limit) + " bytes",
                 {}};
  text.resize(size);
  return text;
}

}  // namespace tintype

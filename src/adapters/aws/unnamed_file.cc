#include "adapters/aws/unnamed_file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdlib>

namespace tintype {
namespace {

// For file systems without O_TMPFILE.
UniqueFd unlinked_file(const std::string& folder) {
  std::string path = folder + "/tintype-XXXXXX";
  UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (fd) ::unlink(path.c_str());
  return fd;
}

}  // namespace

Result<UniqueFd> unnamed_file(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
  if (!fd) fd = unlinked_file(folder);
  if (!fd) fd.reset(::memfd_create("tintype-object", MFD_CLOEXEC));
  if (!fd) return system_error("make a temporary file", errno);
  return fd;
}

std::string default_temp_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder && *folder ? folder : "/tmp";
}

Result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_error("write to a temporary file", errno);
    bytes.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

}  // namespace tintype

#include "imaging/job_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "imaging/failures.h"

namespace tintype {
namespace {

constexpr int kFinal = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

Result<std::uint64_t> size_of(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return system_error("looking at an image file", errno);
  return static_cast<std::uint64_t>(info.st_size);
}

// The same file through a new, read-only descriptor with an offset of its own.
Result<UniqueFd> open_for_reading(int fd) {
  std::string path = "/proc/self/fd/" + std::to_string(fd);
  UniqueFd copy(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!copy) return system_error("opening an image file again", errno);
  return copy;
}

Error too_short() { return corrupt_image("The decoder said that it wrote more than it did."); }

Result<void> write_all(int fd, const char* bytes, std::size_t count) {
  while (count > 0) {
    ssize_t written = write(fd, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("copying a rendition", errno);
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
  return {};
}

// A worker may go on writing meanwhile; that garbles its own picture and nothing else.
Result<void> copy_bytes(int from, int to, std::uint64_t size) {
  std::array<char, 64 * 1024> buffer;
  std::uint64_t done = 0;
  while (done < size) {
    auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - done));
    ssize_t got = pread(from, buffer.data(), wanted, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading a rendition", errno);
    if (got == 0) return too_short();
    TRY(write_all(to, buffer.data(), static_cast<std::size_t>(got)));
    done += static_cast<std::uint64_t>(got);
  }
  return {};
}

bool seal(int fd) { return fcntl(fd, F_ADD_SEALS, kFinal) == 0; }

}  // namespace

Result<JobInput> JobInput::open(const ImageSource& source) {
  std::uint64_t size = TRY(size_of(source.fd));
  if (size < source.size) return internal_error("the image file is shorter than its record says");
  JobInput input(source.fd);
  int flags = fcntl(source.fd, F_GETFL);
  if (flags < 0) return system_error("looking at an image file", errno);
  if ((flags & O_ACCMODE) != O_RDONLY) input.reopened_ = TRY(open_for_reading(source.fd));
  return input;
}

Result<UniqueFd> make_output() {
  UniqueFd fd(memfd_create("rendition", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return system_error("making room for a rendition", errno);
  return fd;
}

Result<void> empty_output(int fd) {
  if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
    return system_error("emptying a rendition", errno);
  return {};
}

Result<UniqueFd> take_output(UniqueFd output, std::uint64_t size) {
  if (!seal(output.get())) {
    UniqueFd copy = TRY(make_output());
    TRY(copy_bytes(output.get(), copy.get(), size));
    if (!seal(copy.get())) return system_error("sealing a rendition", errno);
    output = std::move(copy);
  }
  // Only now, as before the file could have been cut.
  std::uint64_t there = TRY(size_of(output.get()));
  if (there < size) return too_short();
  return open_for_reading(output.get());
}

}  // namespace tintype

#include "imaging/own_program.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

namespace tintype {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

}  // namespace

std::string own_program(std::string_view executable, std::string_view name) {
  auto file = executable.substr(executable.rfind('/') + 1);
  const bool by_loader = file.starts_with("ld-linux") && name.starts_with('/');
  return std::string(by_loader ? name : std::string_view(kSelf));
}

std::string own_program() {
  char path[PATH_MAX];
  const auto length = ::readlink(kSelf, path, sizeof path);
  std::string_view executable(path, length > 0 ? static_cast<std::size_t>(length) : 0);
  return own_program(executable, program_invocation_name);
}

}  // namespace tintype

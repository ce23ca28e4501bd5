// `bootstrap`, which AWS Lambda starts: runs a program beside it with the loader and the libraries
// that came in the same package (docs/adr/lambda-own-loader.md). It is linked wholly statically, so
// that it starts anywhere, and needs to be no more than this.
//
//   bootstrap imaging-worker ARGUMENT...   `tintype` with these arguments, as the function starts
//   it bootstrap [HANDLER]                    the function, tintype-lambda
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstring>

namespace {

using Path = char[PATH_MAX + 64];
constexpr int kMaxArguments = 64;
constexpr int kBefore = 6;  // arguments of the loader, before those of the program

}  // namespace

int main(int argc, char** argv) {
  static Path self, loader, libraries, program;
  const auto length = ::readlink("/proc/self/exe", self, PATH_MAX);
  char* slash = length > 0 ? std::strrchr(self, '/') : nullptr;
  if (!slash || argc > kMaxArguments) return 1;
  const bool worker = argc > 1 && std::strcmp(argv[1], "imaging-worker") == 0;
  const int folder = static_cast<int>(slash - self);
  std::snprintf(loader, sizeof loader, "%.*s/lib/" TINTYPE_LOADER, folder, self);
  std::snprintf(libraries, sizeof libraries, "%.*s/lib", folder, self);
  std::snprintf(program, sizeof program, "%.*s/%s", folder, self,
                worker ? "tintype" : "tintype-lambda");

  static char path_flag[] = "--library-path", name_flag[] = "--argv0";
  char* arguments[kMaxArguments + kBefore] = {loader,    path_flag, libraries,
                                              name_flag, self,      program};
  for (int i = 1; worker && i < argc; ++i) arguments[kBefore + i - 1] = argv[i];
  ::execv(loader, arguments);
  std::perror(loader);
  return 1;
}

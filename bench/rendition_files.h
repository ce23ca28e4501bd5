// What the programs that render without a server share. One thread.
#pragma once

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "imaging/heif_library.h"
#include "imaging/render.h"

namespace tintype::bench {

inline double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

inline std::string read_whole(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

[[noreturn]] inline void give_up(const char* what, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", what, error.detail.c_str());
  std::exit(1);
}

// `width=512&format=webp`, as in a query but not percent-encoded. JPEG when no format is named.
inline RenditionSpec spec_of(std::string_view text) {
  RenditionParams params;
  while (!text.empty()) {
    auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    auto equals = std::min(part.find('='), part.size());
    params.emplace_back(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
  }
  auto spec = parse_rendition(params);
  if (!spec.ok()) give_up("bad parameters", spec.error());
  if (!spec->format) spec->format = MediaType::jpeg;
  if (spec->quality == 0) spec->quality = default_quality(*spec->format);
  spec->animated = false;
  return *spec;
}

struct Rendered {
  std::vector<RenderedFile> files;
  std::vector<UniqueFd> outputs;
  double ms = 0;  // of the processor
};

// Renders as a worker does, and ends the program where that fails.
inline Rendered render_measured(std::string_view file, const std::vector<RenditionSpec>& specs,
                                const RenderPolicy& policy) {
  static const auto heif = HeifLibrary::load();
  Rendered result;
  std::vector<int> fds;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    result.outputs.emplace_back(memfd_create("rendition", MFD_CLOEXEC));
    fds.push_back(result.outputs.back().get());
  }
  const double start = cpu_ms();
  auto files = render_file(file, specs, policy, {}, heif ? &*heif : nullptr, fds);
  result.ms = cpu_ms() - start;
  if (!files.ok()) give_up("cannot be rendered", files.error());
  result.files = std::move(*files);
  return result;
}

}  // namespace tintype::bench

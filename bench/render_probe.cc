// Renders files without a server:
//
//   render_probe QUALITY PARAMS OUT FILE...     e.g. balanced 'width=512&format=webp'
//
// QUALITY is fast, balanced or best; OUT is a folder, or `-` to write nothing. Prints one line of
// JSON: the processor's time and the bytes of one rendition, as means over the files (the time is
// the best of REPEATS, an environment variable, 3).
#include <filesystem>

#include "bench/rendition_files.h"
#include "imaging/decode.h"

namespace tintype::bench {
namespace {

RenderPolicy policy_of(std::string_view quality) {
  RenderPolicy policy;
  if (quality == "fast") policy.quality = QualityMode::fast;
  if (quality == "best") policy.quality = QualityMode::best;
  return policy;
}

// In OUT, with the name of the source and the extension of the format behind it.
void write_to(const std::string& folder, const char* source, const Rendered& rendered) {
  const RenderedFile& file = rendered.files.front();
  auto path = std::filesystem::path(folder) / std::filesystem::path(source).filename();
  path += file_extension(file.content_type);
  std::string bytes(file.size, '\0');
  if (pread(rendered.outputs.front().get(), bytes.data(), bytes.size(), 0) < 0) return;
  std::ofstream(path, std::ios::binary) << bytes;
}

int run(int argc, char** argv) {
  const RenderPolicy policy = policy_of(argv[1]);
  const RenditionSpec spec = spec_of(argv[2]);
  const std::string folder = argv[3];
  const char* repeats = std::getenv("REPEATS");
  double ms = 0, bytes = 0;
  for (int i = 4; i < argc; ++i) {
    const std::string file = read_whole(argv[i]);
    Rendered rendered = render_measured(file, {spec}, policy);
    double best = rendered.ms;
    for (int k = 1; k < (repeats ? std::atoi(repeats) : 3); ++k)
      best = std::min(best, render_measured(file, {spec}, policy).ms);
    if (folder != "-") write_to(folder, argv[i], rendered);
    ms += best / (argc - 4);
    bytes += static_cast<double>(rendered.files.front().size) / (argc - 4);
  }
  std::printf("{\"cpu_ms\": %.2f, \"bytes\": %.0f}\n", ms, bytes);
  return 0;
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  if (argc < 5) return std::fprintf(stderr, "render_probe QUALITY PARAMS OUT FILE...\n"), 2;
  if (!tintype::start_vips().ok()) return 1;
  return tintype::bench::run(argc, argv);
}

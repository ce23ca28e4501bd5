// What one decode for a whole ladder saves: six JPEGs of each file together, and one by one.
//
//   rendition_ladder ROUNDS FILE...
//
// Prints one line of JSON with the processor's time for six, as means over the files of the medians
// over the rounds, in which both take turns.
#include "bench/rendition_files.h"
#include "imaging/decode.h"

namespace tintype::bench {
namespace {

std::vector<RenditionSpec> ladder() {
  std::vector<RenditionSpec> specs;
  for (const char* side : {"1080", "720", "480", "320", "160", "64"})
    specs.push_back(spec_of("width=" + std::string(side) + "&height=" + side));
  return specs;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Times {
  std::vector<double> together, apart;
};

Times measure(std::string_view file, const std::vector<RenditionSpec>& specs, int rounds) {
  Times times;
  for (int round = 0; round < rounds; ++round) {
    times.together.push_back(render_measured(file, specs, {}).ms);
    double apart = 0;
    for (const auto& spec : specs) apart += render_measured(file, {spec}, {}).ms;
    times.apart.push_back(apart);
  }
  return times;
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  if (argc < 3) return std::fprintf(stderr, "rendition_ladder ROUNDS FILE...\n"), 2;
  if (!tintype::start_vips().ok()) return 1;
  double together = 0, apart = 0;
  for (int i = 2; i < argc; ++i) {
    Times times = measure(read_whole(argv[i]), ladder(), std::max(1, std::atoi(argv[1])));
    together += median(times.together) / (argc - 2);
    apart += median(times.apart) / (argc - 2);
  }
  std::printf("{\"together_ms\": %.2f, \"apart_ms\": %.2f, \"ratio\": %.3f}\n", together, apart,
              apart / together);
}

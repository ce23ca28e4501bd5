// One binary: the commands for people, and the imaging worker that the service starts for itself.
#include <string>
#include <string_view>
#include <vector>

#include "fronts/cli/run_cli.h"
#include "imaging/worker_main.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "imaging-worker") {
    return tintype::imaging_worker_main(argc, argv);
  }
  std::vector<std::string> arguments(argv + (argc > 0), argv + argc);
  return tintype::run_cli(arguments);
}

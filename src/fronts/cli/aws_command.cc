#include "fronts/cli/aws_command.h"

#include <cstdio>

#include "app/aws_stores.h"

namespace tintype {
namespace {

// At once: the next step may take minutes, or fail.
void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// True when something has changed, or would.
Result<bool> run(const Settings& settings, const AwsAction& action) {
  SystemClock clock;
  SystemRandom random;
  auto stores = TRY(AwsStores::create(settings, clock, random));
  return action.kind == AwsAction::Kind::init ? stores->provision(action.dry_run, print)
                                              : stores->destroy(action.dry_run, print);
}

}  // namespace

int aws_command(const Settings& settings, const AwsAction& action) {
  if (action.kind == AwsAction::Kind::destroy && !action.confirmed && !action.dry_run) {
    std::fputs("tintype: this deletes every image; say --yes-delete-everything, or --dry-run\n",
               stderr);
    return 2;
  }
  const auto done = run(settings, action);
  if (!done.ok()) {
    std::fprintf(stderr, "tintype: %s\n", done.error().detail.c_str());
    return 1;
  }
  if (!*done) print("nothing to do");
  return std::ferror(stdout) == 0 ? 0 : 1;
}

}  // namespace tintype

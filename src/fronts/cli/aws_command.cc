#include "fronts/cli/aws_command.h"

#include <cstdio>

#include "app/aws_stores.h"

namespace tintype {
namespace {

Result<AwsStores::Provisioned> run(const Settings& settings, const AwsAction& action) {
  SystemClock clock;
  SystemRandom random;
  auto stores = TRY(AwsStores::create(settings, clock, random));
  return action.kind == AwsAction::Kind::init ? stores->provision(action.dry_run)
                                              : stores->destroy(action.dry_run);
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
  for (const auto& line : done->lines) std::printf("%s\n", line.c_str());
  if (!done->changed) std::puts("nothing to do");
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace tintype

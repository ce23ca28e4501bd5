#include "fronts/server/shutdown_signals.h"

#include <unistd.h>

#include "unit/server/server_fixture.h"

namespace tintype::testing {
namespace {

TEST_F(ServerTest, SigtermDrains) {
  ShutdownSignals signals;
  start();
  signals.on_signal([&] { server->stop(); });
  EXPECT_EQ(connect().ask(get("/hello")).status, 200);
  ::kill(::getpid(), SIGTERM);
  join();
}

TEST(ShutdownSignals, EndsWithoutASignal) {
  int calls = 0;
  {
    ShutdownSignals signals;
    signals.on_signal([&] { ++calls; });
  }
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace tintype::testing

#include "fronts/cli/serve_command.h"

#include <malloc.h>

#include <cstdio>
#include <thread>

#include "app/application.h"
#include "fronts/cli/late_api.h"
#include "fronts/server/server.h"
#include "fronts/server/shutdown_signals.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

ServerOptions server_options(const Settings& settings) {
  ServerOptions options;
  options.address = settings.listen.host;
  options.port = settings.listen.port;
  options.io_threads = settings.server.io_threads > 0
                           ? settings.server.io_threads
                           : std::max(1u, std::thread::hardware_concurrency());
  options.blocking_threads = settings.server.blocking_threads;
  options.blocking_queue = settings.server.queue;
  options.max_connections = settings.server.max_connections;
  options.header_timeout = settings.server.header_timeout;
  options.keep_alive_timeout = settings.server.keep_alive_timeout;
  options.body_idle_timeout = settings.server.body_idle_timeout;
  options.min_body_rate = settings.server.min_body_rate;
  options.drain_timeout = settings.server.drain_timeout;
  return options;
}

LogLevel log_level(LogThreshold threshold) { return static_cast<LogLevel>(threshold); }

// Arenas per thread would keep what 64 threads have freed; two are enough for this program.
void tune_memory() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

int fail(const Error& error) {
  std::fprintf(stderr, "tintype: %s\n", error.detail.c_str());
  return 1;
}

Result<void> serve(const Settings& settings) {
  ShutdownSignals signals;
  LateApi api;
  // The server binds first: with port 0, links need the port that it got.
  auto server = TRY(Server::create(server_options(settings), api));
  std::string url = settings.public_url.empty() ? server->url() : settings.public_url;
  auto application = TRY(Application::create(settings, url));
  api.set(application->api());
  signals.on_signal([&server] { server->stop(); });
  std::printf("listening on %s\n", server->url().c_str());
  std::fflush(stdout);
  server->run();
  log_info("stopped");
  return {};
}

}  // namespace

int serve_command(const Settings& settings) {
  tune_memory();
  set_log_level(log_level(settings.log.level));
  auto served = serve(settings);
  return served.ok() ? 0 : fail(served.error());
}

}  // namespace tintype

// The HTTP/1.1 server: sockets on one side, an HttpApi on the other.
//
//   auto server = TRY(Server::create(options, api));   // bound and listening
//   std::cout << server->port();
//   server->run();                                      // until stop() was called and all drained
//
// Threading: `run` is called once, by one thread, which becomes the first I/O thread. `stop` and
// `port` may be called from any thread, but not from a signal handler: use ShutdownSignals
// (shutdown_signals.h), or call `stop` from a thread that waits for the signal. The HttpApi must
// outlive the server. Routes of cost `inline_` run on an I/O thread and hold up its other
// connections; `blocking` ones, and everything a BodySink does, run on the blocking pool.
//
// HttpApi::refuse and HttpApi::finish are called on I/O threads and must not block.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "handlers/api.h"

namespace tintype {

struct ServerOptions {
  using Duration = std::chrono::milliseconds;

  // An IPv4 or IPv6 literal or `localhost`. `::` also accepts IPv4.
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0 takes a free one

  // Threads with an event loop each; connections stay on the one that got them. One per core is
  // enough, fewer leave more of the machine to the imaging workers.
  unsigned io_threads = 2;
  // Most threads of the blocking pool. They start when needed, end after `blocking_idle` without
  // work, and cost 512 KiB of address space and about 20 KiB of memory each.
  unsigned blocking_threads = 16;
  Duration blocking_idle{10'000};
  // Requests waiting for a thread of the pool; further ones are answered 503 `overloaded`. A
  // waiting request costs its connection's buffers. Uploads under way are never cut off.
  std::size_t blocking_queue = 256;

  // Open connections. An idle one costs about 6 KiB. Beyond the limit a connection is answered 503
  // and closed, and when 64 are being answered so, just closed.
  std::size_t max_connections = 10'000;
  int listen_backlog = 1024;  // connections that the kernel completes before they are accepted

  // Request line and headers together. Buffers grow to it only for requests that need it.
  std::size_t header_limit = 16 * 1024;
  std::size_t header_count_limit = 100;

  Duration header_timeout{10'000};      // from the first byte (or the connect) to the blank line
  Duration keep_alive_timeout{75'000};  // between an answer and the next request
  Duration body_idle_timeout{30'000};   // between two pieces of a request body
  // Bytes per second that a body must reach on average once the grace is over; 0: no such rule.
  // Bounds how long a trickling upload keeps its 64 KiB buffer.
  std::uint64_t min_body_rate = 256;
  Duration min_body_grace{30'000};
  // A client that takes nothing of its answer for so long is dropped.
  Duration response_stall_timeout{30'000};
  // After an early answer, how long what the client still sends is read and thrown away, so that a
  // reset does not destroy the answer on its way.
  Duration linger_timeout{2'000};
  // After stop(): how long requests in flight may take before their connections are cut.
  Duration drain_timeout{30'000};
};

class Server {
 public:
  // Binds and listens. Errors: `invalid` (code `bad_address`), `unavailable` (code
  // `address_in_use`), and what system_error makes of the rest.
  static Result<std::unique_ptr<Server>> create(const ServerOptions& options, HttpApi& api);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  // `http://ADDRESS:PORT`, with brackets around an IPv6 address.
  std::string url() const;

  // Serves until stop(). When it returns no connection, thread or pending call is left. A handler
  // that runs longer than the drain timeout is waited for: it cannot be interrupted.
  void run();

  // Stops accepting, closes idle connections, lets requests in flight finish within
  // drain_timeout. Returns at once; may be called again, and before run().
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype

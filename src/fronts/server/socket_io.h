// The system calls of the server that Asio has no shape for, none of which blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tintype {

struct ServerOptions;

struct Listener {
  UniqueFd fd;
  std::uint16_t port = 0;
  bool v6 = false;
};

// A listening, non-blocking TCP socket. Connections inherit TCP_NODELAY, SO_KEEPALIVE and
// TCP_USER_TIMEOUT from it, which saves three calls for each. Errors: as Server::create.
Result<Listener> listen_on(const ServerOptions& options);

struct Accepted {
  UniqueFd fd;         // non-blocking; invalid when there was none
  std::string remote;  // the peer's address, without port
  int error = 0;       // errno, when there was none
};
Accepted accept_connection(int listener);

// An answer on its way: a head, then a body from memory or from a file.
struct Outgoing {
  std::string_view head;
  std::string_view body;
  int file = -1;
  std::int64_t file_offset = 0;
  std::uint64_t file_left = 0;

  std::uint64_t left() const { return head.size() + body.size() + file_left; }
};

enum class SendStatus {
  done,
  would_block,
  yield,   // the budget is used up: let other connections have their turn
  failed,  // the peer is gone, or the file is shorter than it was
};

// Sends as much as the socket takes, at most about `budget` bytes, and moves `out` forward.
SendStatus send_some(int socket, Outgoing& out, std::uint64_t budget);

}  // namespace tintype

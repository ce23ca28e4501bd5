// Packets with file descriptors on a SOCK_SEQPACKET socket.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace tintype {

struct Packet {
  std::string bytes;  // empty when the other side has closed
  std::vector<UniqueFd> fds;
};

// Never raises SIGPIPE. Errors: `unavailable` when the other side is gone, else `internal`.
Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> fds);

// Waits for one packet. Errors: `internal` for a failed call and for packets over kMaxPacket.
Result<Packet> receive_packet(int socket);

// The same, but not beyond the deadline (error `timeout`), and descriptors are not accepted.
Result<Packet> receive_packet_until(int socket, Deadline deadline);

}  // namespace tintype

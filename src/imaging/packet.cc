#include "imaging/packet.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "imaging/worker_protocol.h"

namespace tintype {
namespace {

constexpr std::size_t kControlBytes = CMSG_SPACE(kMaxJobFds * sizeof(int));

bool peer_is_gone(int error) { return error == EPIPE || error == ECONNRESET || error == ENOTCONN; }

void take_fds(msghdr& message, std::vector<UniqueFd>& fds) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

Result<Packet> receive(int socket, bool accept_fds) {
  Packet packet;
  packet.bytes.resize(kMaxPacket);
  alignas(cmsghdr) char control[kControlBytes];
  iovec part{packet.bytes.data(), packet.bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (accept_fds) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  ssize_t count = 0;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count < 0 && !peer_is_gone(errno)) return system_error("receiving from the peer", errno);
  if (accept_fds && count > 0) take_fds(message, packet.fds);
  if (count > 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return internal_error("an imaging message is too large");
  packet.bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return packet;
}

// Rounded up, so that a deadline in less than a millisecond is not a busy loop.
int milliseconds_until(Deadline deadline) {
  auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1'000'000));
}

}  // namespace

Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> fds) {
  alignas(cmsghdr) char control[kControlBytes] = {};
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fds.size() > kMaxJobFds) return internal_error("too many descriptors for one message");
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
  }
  ssize_t count = 0;
  do count = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  if (count >= 0) return {};
  if (peer_is_gone(errno)) return unavailable_error("the peer has closed its socket");
  return system_error("sending to the peer", errno);
}

Result<Packet> receive_packet(int socket) { return receive(socket, true); }

Result<Packet> receive_packet_until(int socket, Deadline deadline) {
  pollfd wanted{socket, POLLIN, 0};
  while (true) {
    int ready = poll(&wanted, 1, milliseconds_until(deadline));
    if (ready > 0) return receive(socket, false);
    if (ready < 0 && errno != EINTR) return system_error("waiting for the peer", errno);
    if (has_passed(deadline)) return timeout_error("no message before the deadline");
  }
}

}  // namespace tintype

#include "fronts/server/socket_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <memory>

#include "fronts/server/server.h"

namespace tintype {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<AddressList> resolve(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  if (address != "localhost") hints.ai_flags |= AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return invalid_error("bad_address", "cannot listen on '" + address +
                                            "': it is neither an IP address nor localhost");
  return AddressList(found, &freeaddrinfo);
}

void set_option(int fd, int level, int name, int value) {
  // Each of them is a refinement that the server also works without.
  ::setsockopt(fd, level, name, &value, sizeof value);
}

void set_inherited_options(int fd, const ServerOptions& options) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  const auto stall = static_cast<int>(options.response_stall_timeout.count());
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, stall);
}

Error bind_error(const ServerOptions& options, int errno_value) {
  const std::string where = options.address + " port " + std::to_string(options.port);
  if (errno_value == EADDRINUSE) {
    Error error = unavailable_error("cannot listen on " + where +
                                    ": the address is in use by another program");
    error.code = "address_in_use";
    return error;
  }
  if (errno_value == EADDRNOTAVAIL)
    return invalid_error("bad_address",
                         "cannot listen on " + where + ": this machine does not have that address");
  return system_error("cannot listen on " + where, errno_value);
}

std::uint16_t bound_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &v6, text, sizeof text);
    }
  } else {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  }
  return text;
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

void advance(std::string_view& text, std::size_t& sent) {
  const std::size_t step = std::min(sent, text.size());
  text.remove_prefix(step);
  sent -= step;
}

// One sendmsg for what is in memory. Returns bytes sent, or -1 with errno.
ssize_t send_memory(int socket, Outgoing& out) {
  iovec parts[2] = {{const_cast<char*>(out.head.data()), out.head.size()},
                    {const_cast<char*>(out.body.data()), out.body.size()}};
  msghdr message{};
  message.msg_iov = out.head.empty() ? parts + 1 : parts;
  message.msg_iovlen = (out.head.empty() ? 0 : 1) + (out.body.empty() ? 0 : 1);
  // MSG_MORE: the head travels in the same packet as the first bytes of the file.
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (out.file_left > 0 ? MSG_MORE : 0);
  const ssize_t n = ::sendmsg(socket, &message, flags);
  if (n > 0) {
    auto sent = static_cast<std::size_t>(n);
    advance(out.head, sent);
    advance(out.body, sent);
  }
  return n;
}

// One sendfile. Returns 0 when the file ended early.
ssize_t send_file(int socket, Outgoing& out, std::uint64_t budget) {
  off_t offset = out.file_offset;
  const ssize_t n = ::sendfile(socket, out.file, &offset, std::min(out.file_left, budget));
  if (n > 0) {
    out.file_offset = offset;
    out.file_left -= static_cast<std::uint64_t>(n);
  }
  return n;
}

}  // namespace

Result<Listener> listen_on(const ServerOptions& options) {
  const AddressList addresses = TRY(resolve(options.address, options.port));
  const addrinfo& first = *addresses;
  Listener listener;
  listener.v6 = first.ai_family == AF_INET6;
  listener.fd.reset(::socket(first.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd) return system_error("cannot make a socket", errno);
  const int fd = listener.fd.get();
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (listener.v6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  set_inherited_options(fd, options);
  if (::bind(fd, first.ai_addr, first.ai_addrlen) != 0 || ::listen(fd, options.listen_backlog) != 0)
    return bind_error(options, errno);
  listener.port = bound_port(fd);
  return listener;
}

Accepted accept_connection(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Accepted result;
  result.fd.reset(::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (result.fd) {
    result.remote = address_text(address);
  } else {
    result.error = errno;
  }
  return result;
}

SendStatus send_some(int socket, Outgoing& out, std::uint64_t budget) {
  std::uint64_t sent = 0;
  while (out.left() > 0) {
    if (sent >= budget) return SendStatus::yield;
    const bool memory = !out.head.empty() || !out.body.empty();
    const ssize_t n = memory ? send_memory(socket, out) : send_file(socket, out, budget - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && would_block(errno)) return SendStatus::would_block;
    if (n <= 0) return SendStatus::failed;
    sent += static_cast<std::uint64_t>(n);
  }
  return SendStatus::done;
}

}  // namespace tintype

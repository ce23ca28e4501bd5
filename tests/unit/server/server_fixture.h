// A running server over a FakeApi, and a client that speaks bytes.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "fronts/server/server.h"
#include "support/fake_api.h"

namespace tintype::testing {

// What a test reads from a connection until a complete answer, the end, or the time-out is there.
struct Answer {
  int status = 0;
  std::string head;  // without the blank line
  std::string body;

  bool has(std::string_view line) const {
    return ("\r\n" + head + "\r\n").find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) {
    fd_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer > 0)
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }
  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }

  // False when the server closed its side.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // One answer, interim ones included. Status 0: the connection ended first.
  Answer read(bool head_only = false, milliseconds timeout = milliseconds(10'000)) {
    Answer answer;
    const Deadline deadline = deadline_in(timeout);
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill(deadline)) return answer;
    answer.head = buffer_.substr(0, end);
    buffer_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    const std::size_t at = answer.head.find("Content-Length: ");
    std::size_t length = 0;
    if (at != std::string::npos && !head_only) length = std::stoull(answer.head.substr(at + 16));
    while (buffer_.size() < length)
      if (!fill(deadline)) break;
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, answer.body.size());
    return answer;
  }

  Answer ask(std::string_view bytes, bool head_only = false) {
    send(bytes);
    return read(head_only);
  }

  // True when the server ends the connection within the time, by FIN or by reset.
  bool ended(milliseconds timeout = milliseconds(10'000)) {
    const Deadline deadline = deadline_in(timeout);
    while (fill(deadline)) {
    }
    return end_seen_;
  }
  bool reset_seen() const { return reset_seen_; }
  const std::string& unread() const { return buffer_; }

 private:
  bool fill(Deadline deadline) {
    if (end_seen_) return false;
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wait{fd_.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[65536];
    const ssize_t n = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (n <= 0) {
      end_seen_ = true;
      reset_seen_ = n < 0;
      return false;
    }
    buffer_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }

  UniqueFd fd_;
  bool connected_ = false;
  bool end_seen_ = false;
  bool reset_seen_ = false;
  std::string buffer_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options.port = 0;
    options.blocking_threads = 4;
    options.drain_timeout = milliseconds(2'000);
    options.linger_timeout = milliseconds(500);
  }
  ~ServerTest() override { stop(); }

  void start() {
    auto created = Server::create(options, api);
    ASSERT_TRUE(created.ok()) << created.error().detail;
    server = std::move(*created);
    thread_ = std::thread([this] { server->run(); });
  }
  // Waits until the server has drained.
  void stop() {
    if (server) server->stop();
    join();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  Client connect(int receive_buffer = 0) { return Client(server->port(), receive_buffer); }

  static std::shared_ptr<UniqueFd> memory_file(std::string_view bytes) {
    auto fd = std::make_shared<UniqueFd>(::memfd_create("test", MFD_CLOEXEC));
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd->get(), bytes.data(), bytes.size());
      if (n <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return fd;
  }

  // Polls until the condition holds; false after ten seconds.
  template <typename Condition>
  static bool eventually(Condition condition) {
    const Deadline deadline = deadline_in(milliseconds(10'000));
    while (!condition()) {
      if (has_passed(deadline)) return false;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }

  ServerOptions options;
  FakeApi api;
  std::unique_ptr<Server> server;

 private:
  std::thread thread_;
};

inline std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

}  // namespace tintype::testing

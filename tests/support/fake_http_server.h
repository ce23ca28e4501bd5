// A tiny HTTP/1.1 server for tests: loopback, a free port, one thread for each connection. What it
// answers is a function of the test, which returns raw bytes, so that it can answer anything.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace tintype::testing {

struct FakeRequest {
  std::string method, target, head, body;  // `head` holds all lines, as sent

  // The value of a header, whatever its case; empty when there is none.
  std::string header(std::string name) const {
    auto lower = [](std::string text) {
      std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
      return text;
    };
    auto at = lower(head).find("\r\n" + lower(name) + ":");
    if (at == std::string::npos) return {};
    auto begin = head.find_first_not_of(" ", at + name.size() + 3);
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

inline std::string answer(int status, std::string_view body, std::string_view headers = {}) {
  return "HTTP/1.1 " + std::to_string(status) +
         " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
         "\r\n" + std::string(body);
}

class FakeHttpServer {
 public:
  // Returns the bytes of the answer; an empty text closes the connection, as does one that says
  // `Connection: close`. Called on the connections' threads.
  using Handler = std::function<std::string(const FakeRequest&)>;

  explicit FakeHttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), plain, length) != 0 || ::listen(listener_.get(), 64) != 0 ||
        ::getsockname(listener_.get(), plain, &length) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~FakeHttpServer() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (const auto& connection : connections_) ::shutdown(connection.get(), SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
  }

  int port() const { return port_; }
  std::string url(std::string_view path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  int connections() const { return connection_count_; }
  std::vector<FakeRequest> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  // For handlers that hang: waits until the server stops, at most so many milliseconds.
  void hang(int most = 10'000) const {
    for (int i = 0; i < most / 5 && !stopping_; ++i) ::usleep(5000);
  }

 private:
  void accept_all() {
    while (!stopping_) {
      int fd = ::accept(listener_.get(), nullptr, nullptr);
      if (fd < 0) return;
      ++connection_count_;
      std::lock_guard lock(mutex_);
      connections_.emplace_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    std::string buffer;
    FakeRequest request;
    while (read_request(fd, buffer, request)) {
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      auto bytes = handler_(request);
      if (!bytes.empty()) (void)!::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (bytes.empty() || bytes.find("Connection: close") != std::string::npos) break;
    }
    ::shutdown(fd, SHUT_RDWR);
  }

  static bool fill(int fd, std::string& buffer) {
    char piece[65536];
    auto got = ::recv(fd, piece, sizeof piece, 0);
    if (got > 0) buffer.append(piece, static_cast<std::size_t>(got));
    return got > 0;
  }

  static bool read_request(int fd, std::string& buffer, FakeRequest& request) {
    std::size_t end;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!fill(fd, buffer)) return false;
    }
    request.head = buffer.substr(0, end + 2);
    auto space = request.head.find(' ');
    request.method = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    auto text = request.header("content-length");
    std::size_t length = text.empty() ? 0 : std::stoul(text);
    while (buffer.size() < end + 4 + length) {
      if (!fill(fd, buffer)) return false;
    }
    request.body = buffer.substr(end + 4, length);
    buffer.erase(0, end + 4 + length);
    return true;
  }

  Handler handler_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connection_count_{0};
  mutable std::mutex mutex_;
  std::vector<FakeRequest> requests_;
  std::list<UniqueFd> connections_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tintype::testing

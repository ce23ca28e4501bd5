// IoWorker: one I/O thread with its event loop and its connections. Internal to the server.
//
// Except for the constructor, `post_*` and `executor`, everything runs on the worker's thread, so
// that sessions need no locks.
#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <list>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "fronts/server/blocking_pool.h"
#include "fronts/server/server.h"

namespace tintype {

class Session;

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// What all workers share.
struct ServerShared {
  const ServerOptions& options;
  HttpApi& api;
  BlockingPool& pool;
  std::atomic<std::size_t> connections{0};  // open, those being turned away included
};

class IoWorker {
 public:
  explicit IoWorker(ServerShared& shared);
  ~IoWorker();

  asio::io_context& context() { return context_; }
  Executor executor() { return context_.get_executor(); }
  ServerShared& shared() { return shared_; }

  void run();  // until drained and empty
  // Takes a connection over. Any thread.
  void post_connection(UniqueFd fd, std::string remote, bool v6, bool turn_away);
  void post_drain(Deadline deadline);                                         // any thread
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }  // any thread

  bool draining() const { return draining_; }
  std::string_view http_date();  // now, cached for a second

 private:
  struct Ended;
  void add(int fd, std::string remote, bool v6, bool turn_away);
  void remove(std::list<Session>::iterator session);
  void drain(Deadline deadline);
  void arm_reaper();
  void reap();

  ServerShared& shared_;
  asio::io_context context_;
  asio::executor_work_guard<Executor> guard_;
  Timer reaper_;
  bool reaping_ = false;
  bool draining_ = false;
  Deadline drain_deadline_ = Deadline::max();
  std::chrono::milliseconds tick_;
  std::list<Session> sessions_;
  std::atomic<std::size_t> load_{0};
  std::int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace tintype

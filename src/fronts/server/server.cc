#include "fronts/server/server.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <vector>

#include "fronts/server/io_worker.h"
#include "fronts/server/session.h"
#include "fronts/server/socket_io.h"

namespace tintype {
namespace {

using boost::system::error_code;

// Connections beyond the limit that are told so at the same time.
constexpr std::size_t turned_away_at_once = 64;
// Connections accepted before the loop looks at others again.
constexpr int accepts_per_turn = 64;
constexpr std::chrono::milliseconds accept_pause{50};

// sendfile(2) knows no MSG_NOSIGNAL: while this object lives its thread gets no SIGPIPE.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
};

// The reaper looks four times within the shortest time-out, but not more than 100 times a second.
std::chrono::milliseconds reaper_tick(const ServerOptions& o) {
  const auto shortest = std::min({o.header_timeout, o.keep_alive_timeout, o.body_idle_timeout,
                                  o.min_body_grace, o.response_stall_timeout, o.linger_timeout,
                                  o.drain_timeout, std::chrono::milliseconds(1000)});
  return std::max(shortest / 4, std::chrono::milliseconds(10));
}

}  // namespace

struct IoWorker::Ended {
  IoWorker* worker;
  std::list<Session>::iterator session;
  void operator()(std::exception_ptr) const { worker->remove(session); }
};

// The hint says that one thread runs the loop, which spares wake-ups; posting stays thread-safe.
IoWorker::IoWorker(ServerShared& shared)
    : shared_(shared),
      context_(1),
      guard_(context_.get_executor()),
      reaper_(context_.get_executor()),
      tick_(reaper_tick(shared.options)) {}

IoWorker::~IoWorker() = default;

void IoWorker::run() {
  const NoSigpipe no_sigpipe;
  context_.run();
}

void IoWorker::post_connection(UniqueFd fd, std::string remote, bool v6, bool turn_away) {
  load_.fetch_add(1, std::memory_order_relaxed);
  asio::post(context_,
             [this, owned = std::move(fd), remote = std::move(remote), v6, turn_away]() mutable {
               add(owned.release(), std::move(remote), v6, turn_away);
             });
}

void IoWorker::post_drain(Deadline deadline) {
  asio::post(context_, [this, deadline] { drain(deadline); });
}

void IoWorker::add(int fd, std::string remote, bool v6, bool turn_away) {
  Socket socket(context_);
  error_code error;
  socket.assign(v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd, error);
  if (error || draining_) {
    if (error) ::close(fd);
    load_.fetch_sub(1, std::memory_order_relaxed);
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  sessions_.emplace_front(*this, std::move(socket), std::move(remote), turn_away);
  const Ended ended{this, sessions_.begin()};
  asio::co_spawn(context_.get_executor(), sessions_.front().run(), ended);
  arm_reaper();
}

void IoWorker::remove(std::list<Session>::iterator session) {
  sessions_.erase(session);
  load_.fetch_sub(1, std::memory_order_relaxed);
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  if (draining_ && sessions_.empty()) {
    reaper_.cancel();
    guard_.reset();
  }
}

void IoWorker::drain(Deadline deadline) {
  if (draining_) return;
  draining_ = true;
  drain_deadline_ = deadline;
  for (Session& session : sessions_) session.drain();
  if (sessions_.empty()) guard_.reset();
}

void IoWorker::arm_reaper() {
  if (reaping_ || sessions_.empty()) return;
  reaping_ = true;
  reaper_.expires_after(tick_);
  reaper_.async_wait([this](const error_code&) { reap(); });
}

void IoWorker::reap() {
  reaping_ = false;
  const Deadline now = std::chrono::steady_clock::now();
  for (Session& session : sessions_) session.check_deadline(now);
  if (now >= drain_deadline_)
    for (Session& session : sessions_) session.abort();
  arm_reaper();
}

std::string_view IoWorker::http_date() {
  timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != date_second_) {
    date_second_ = now.tv_sec;
    date_ = format_http_date(Timestamp(seconds(now.tv_sec)));
  }
  return date_;
}

struct Server::Impl {
  Impl(const ServerOptions& server_options, HttpApi& api, Listener bound);

  void wait_for_connections();
  void accept_some();
  bool hand_over(Accepted accepted);
  void stop_accepting() {
    error_code ignored;
    pause.cancel();
    acceptor.close(ignored);
  }

  const ServerOptions options;
  Listener listener;
  BlockingPool pool;
  ServerShared shared;
  std::vector<std::unique_ptr<IoWorker>> workers;
  asio::posix::basic_stream_descriptor<Executor> acceptor;  // on the first worker
  Timer pause;
};

namespace {

std::vector<std::unique_ptr<IoWorker>> make_workers(ServerShared& shared) {
  std::vector<std::unique_ptr<IoWorker>> workers;
  for (unsigned i = 0; i < std::max(1u, shared.options.io_threads); ++i)
    workers.push_back(std::make_unique<IoWorker>(shared));
  return workers;
}

BlockingPool::Options pool_options(const ServerOptions& options) {
  BlockingPool::Options pool;
  pool.max_threads = std::max(1u, options.blocking_threads);
  pool.queue_limit = options.blocking_queue;
  pool.idle = options.blocking_idle;
  return pool;
}

}  // namespace

Server::Impl::Impl(const ServerOptions& server_options, HttpApi& api, Listener bound)
    : options(server_options),
      listener(std::move(bound)),
      pool(pool_options(options)),
      shared{options, api, pool},
      workers(make_workers(shared)),
      acceptor(workers.front()->executor(), listener.fd.release()),
      pause(workers.front()->executor()) {}

void Server::Impl::wait_for_connections() {
  acceptor.async_wait(acceptor.wait_read, [this](const error_code& error) {
    if (!error) accept_some();
  });
}

void Server::Impl::accept_some() {
  for (int i = 0; i < accepts_per_turn; ++i) {
    Accepted accepted = accept_connection(acceptor.native_handle());
    if (accepted.fd) {
      hand_over(std::move(accepted));
      continue;
    }
    if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOMEM ||
        accepted.error == ENOBUFS) {
      // Waiting for readiness would spin: the connection stays in the queue.
      pause.expires_after(accept_pause);
      pause.async_wait([this](const error_code& error) {
        if (!error) wait_for_connections();
      });
      return;
    }
    if (accepted.error == EAGAIN || accepted.error == EWOULDBLOCK) break;
  }
  wait_for_connections();
}

// To the worker with the fewest connections.
bool Server::Impl::hand_over(Accepted accepted) {
  const std::size_t open = shared.connections.load(std::memory_order_relaxed);
  if (open >= options.max_connections + turned_away_at_once) return false;
  shared.connections.fetch_add(1, std::memory_order_relaxed);
  IoWorker* least = workers.front().get();
  for (const auto& worker : workers)
    if (worker->load() < least->load()) least = worker.get();
  least->post_connection(std::move(accepted.fd), std::move(accepted.remote), listener.v6,
                         open >= options.max_connections);
  return true;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::create(const ServerOptions& options, HttpApi& api) {
  Listener listener = TRY(listen_on(options));
  try {
    auto impl = std::make_unique<Impl>(options, api, std::move(listener));
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::exception& e) {
    return unavailable_error(std::string("cannot start the server: ") + e.what());
  }
}

std::uint16_t Server::port() const { return impl_->listener.port; }

std::string Server::url() const {
  const std::string& address = impl_->options.address;
  const bool brackets = address.find(':') != std::string::npos;
  return "http://" + (brackets ? "[" + address + "]" : address) + ":" + std::to_string(port());
}

void Server::run() {
  Impl& impl = *impl_;
  impl.wait_for_connections();
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < impl.workers.size(); ++i)
    threads.emplace_back([worker = impl.workers[i].get()] { worker->run(); });
  impl.workers.front()->run();
  for (std::thread& thread : threads) thread.join();
}

void Server::stop() {
  Impl& impl = *impl_;
  const Deadline deadline = deadline_in(impl.options.drain_timeout);
  asio::post(impl.workers.front()->executor(), [&impl] { impl.stop_accepting(); });
  for (const auto& worker : impl.workers) worker->post_drain(deadline);
}

}  // namespace tintype

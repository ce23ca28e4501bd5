#include "fronts/server/session.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "fronts/server/response_head.h"

namespace tintype {
namespace {

using boost::system::error_code;
using Steady = std::chrono::steady_clock;

constexpr asio::use_awaitable_t<Executor> use_task;

// Bytes that one connection sends before others have their turn.
constexpr std::uint64_t send_budget = 1024 * 1024;
// Pipelined requests that one connection is served before others have their turn.
constexpr unsigned requests_per_turn = 16;
// An unread body up to this size is read and thrown away to keep the connection.
constexpr std::uint64_t discard_limit = 64 * 1024;
constexpr std::size_t kept_head_capacity = 4 * 1024;

constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr Refusal overloaded{503, "overloaded", "The server has too much to do; try again soon."};
constexpr Refusal too_many_connections{503, "overloaded",
                                       "The server has too many connections; try again soon."};
constexpr Refusal body_timeout{408, "request_timeout", "The request body came too slowly."};
constexpr Refusal head_timeout{408, "request_timeout", "The request head came too slowly."};
constexpr Refusal bad_chunks{400, "malformed_request", "The chunked body is malformed."};
constexpr Refusal cut_short{400, "incomplete_body",
                            "The request body ended before it was complete."};
constexpr Refusal too_large{413, "payload_too_large", "The request body is too large."};
constexpr Refusal no_body_here{413, "payload_too_large", "This request must not have a body."};
constexpr Refusal failed{500, "internal", "The request failed."};

// Makes ready for the next request, keeping what was allocated.
void clear(Request& request) {
  request.method = Method::get;
  request.method_text = request.raw_path = request.raw_query = request.body = {};
  request.headers.clear();
  request.content_length.reset();
  request.chunked = false;
  request.request_id.clear();
  request.path_parameters.clear();
}

}  // namespace

// A step on its way through the pool; it resumes the coroutine on the worker's thread.
template <typename Handler>
class Session::PoolCall final : public BlockingPool::Job {
 public:
  PoolCall(Session& session, Step step, Handler handler)
      : session_(session), step_(step), handler_(std::move(handler)) {}

  void run() override {
    try {
      (session_.*step_)();
    } catch (const std::exception&) {
      session_.step_failed_ = true;
    }
    asio::post(session_.worker_.executor(), std::move(handler_));
  }

 private:
  Session& session_;
  Step step_;
  Handler handler_;
};

struct Session::PoolCallInitiation {
  Session* session;
  Step step;

  template <typename Handler>
  void operator()(Handler&& handler) const {
    using Call = PoolCall<std::decay_t<Handler>>;
    session->worker_.shared().pool.submit(
        std::make_unique<Call>(*session, step, std::forward<Handler>(handler)));
  }
};

Session::Session(IoWorker& worker, Socket socket, std::string remote, bool turn_away)
    : worker_(worker),
      options_(worker.shared().options),
      api_(worker.shared().api),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      turn_away_(turn_away) {
  deadline_ = deadline_in(options_.header_timeout);
}

void Session::check_deadline(Deadline now) {
  if (now < deadline_) return;
  deadline_ = Deadline::max();
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::drain() {
  if (idle_) abort();
}

void Session::abort() {
  aborted_ = true;
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
  error_code ignored;
  socket_.cancel(ignored);
}

Session::Task<void> Session::run() {
  try {
    if (turn_away_) turn_away();
    co_await serve();
  } catch (const std::exception&) {
    // Out of memory, most likely: this connection ends, the others go on.
  }
  error_code ignored;
  socket_.close(ignored);
}

Session::Task<void> Session::serve() {
  for (;;) {
    const Head head = response_ ? Head::refused : look_for_request();
    if (head == Head::need_more) {
      const bool more = co_await read_request();
      if (!more) co_return;
    } else if (head == Head::ready && !answer_at_once()) {
      const bool alive = co_await run_plan();
      if (!alive) co_return;
    }
    if (!response_) continue;

    compose();
    const SendStatus sent = send_some(socket_.native_handle(), out_, send_budget);
    if (sent == SendStatus::failed) co_return;
    if (sent != SendStatus::done) {
      const bool all = co_await send();
      if (!all) co_return;
    }
    finish_request();
    if (!keep_) {
      co_await linger();
      co_return;
    }
    if (!body_.complete()) {
      const bool discarded = co_await discard_body();
      if (!discarded) co_return;
    }
    next_request();
    if (++served_ % requests_per_turn == 0) co_await yield();
  }
}

void Session::turn_away() {
  idle_ = false;
  started_ = Steady::now();
  refuse(too_many_connections);
}

// Parses a request when its whole head is there.
Session::Head Session::look_for_request() {
  if (!scan_.request_line_seen())
    while (in_.view().starts_with("\r\n")) in_.consume(2), scan_.reset();  // RFC 9112 §2.2
  const HeadScan::Status status = scan_.scan(in_.view());
  if (status == HeadScan::Status::need_more && in_.size() < options_.header_limit)
    return Head::need_more;
  request_.remote_address = remote_;
  request_.arrived = std::chrono::steady_clock::now();
  if (status != HeadScan::Status::complete || scan_.size() > options_.header_limit) {
    refuse_head(status);
    return Head::refused;
  }
  used_ = scan_.size();
  const std::string_view head = in_.view().substr(0, used_);
  if (auto refusal = parse_request_head(head, options_.header_count_limit, request_, traits_)) {
    refuse(*refusal);
    return Head::refused;
  }
  body_.start(request_);
  continue_pending_ = traits_.expects_continue && !body_.complete() && in_.size() == used_;
  return Head::ready;
}

void Session::refuse_head(HeadScan::Status status) {
  if (status == HeadScan::Status::bad_line_ending)
    return refuse({400, "malformed_request", "Lines must end with CR LF."});
  if (status == HeadScan::Status::folded)
    return refuse({400, "malformed_request", "A header must not go on in the next line."});
  if (!scan_.request_line_seen())
    return refuse({414, "uri_too_long", "The request line is too long."});
  refuse({431, "headers_too_large", "The request headers are too large."});
}

// Reads on until something can be said about the head. False: close without a word. True with a
// response: the head took too long.
Session::Task<bool> Session::read_request() {
  if (idle_) in_.shrink();
  const std::span<char> space = in_.space();
  const std::size_t n = co_await receive(space.data(), space.size());
  if (n == 0) {
    if (!timed_out_ || idle_) co_return false;
    refuse(head_timeout);
    co_return true;
  }
  in_.commit(n);
  if (idle_) {
    idle_ = false;
    started_ = Steady::now();
    deadline_ = started_ + options_.header_timeout;
  }
  co_return true;
}

// Waits for bytes until the deadline. 0: end, error or time-out.
Session::Task<std::size_t> Session::receive(char* data, std::size_t size) {
  if (timed_out_ || aborted_) co_return 0;
  error_code error;
  auto buffer = asio::buffer(data, size);
  auto token = asio::redirect_error(use_task, error);
  const std::size_t n = co_await socket_.async_read_some(buffer, token);
  peer_ended_ = error == asio::error::eof;
  co_return error ? 0 : n;
}

void Session::next_request() {
  const std::string surplus(body_.surplus());
  body_.release();
  if (whole_body_.capacity() > kept_head_capacity) whole_body_ = std::string();
  whole_body_.clear();
  in_.consume(used_);
  in_.prepend(surplus);
  used_ = 0;
  scan_.reset();
  response_.reset();
  clear(request_);
  traits_ = {};
  idle_ = in_.empty();
  if (idle_) {
    deadline_ = started_ + options_.keep_alive_timeout;
    if (worker_.draining()) abort();
  } else {
    started_ = Steady::now();
    deadline_ = started_ + options_.header_timeout;
  }
}

// The short way, without a coroutine of its own: what needs neither a body nor the pool.
bool Session::answer_at_once() {
  deadline_ = Deadline::max();
  plan_ = api_.begin(request_);
  if (plan_.answer) {
    response_ = std::move(plan_.answer);
    return true;
  }
  if (!body_.complete() && plan_.body == BodyKind::none) {
    refuse(no_body_here);
    return true;
  }
  if (body_too_large()) {
    refuse(too_large);
    return true;
  }
  const bool pooled = plan_.cost == CostClass::blocking || plan_.body == BodyKind::stream;
  if (pooled && !worker_.shared().pool.has_room()) {
    refuse(overloaded, false);
    return true;
  }
  if (pooled || !body_.complete()) return false;
  step_handle();
  return true;
}

bool Session::body_too_large() const {
  return request_.content_length && *request_.content_length > plan_.max_body;
}

Session::Task<bool> Session::run_plan() {
  step_failed_ = false;
  // Named, because g++ 12 destroys the temporaries of `co_await (a ? b : c)` too early.
  Task<bool> task = plan_.body == BodyKind::stream ? run_stream() : run_whole();
  const bool alive = co_await std::move(task);
  if (sink_) co_await drop_sink();
  if (step_failed_) refuse(failed);
  co_return alive;
}

Session::Task<bool> Session::run_whole() {
  const std::string_view arrived = in_.view().substr(used_);
  if (!request_.chunked && arrived.size() >= body_.left()) {
    // The body came with the head, as small ones do: no copy.
    const std::size_t size = body_.left();
    request_.body = arrived.substr(0, size);
    body_.skip(size);
    used_ += size;
  } else {
    const bool alive = co_await send_continue();
    if (!alive) co_return false;
    while (!response_ && !body_.complete()) {
      const bool got = co_await read_piece();
      if (!got) co_return false;
      if (response_) co_return true;
      whole_body_.append(body_.piece());
      body_.drop_piece();
    }
    request_.body = whole_body_;
  }
  if (plan_.cost == CostClass::inline_) {
    step_handle();
  } else if (worker_.shared().pool.has_room()) {
    co_await on_pool(&Session::step_handle);
  } else {
    refuse(overloaded, false);
  }
  co_return true;
}

Session::Task<bool> Session::run_stream() {
  co_await on_pool(&Session::step_open);
  if (response_ || step_failed_) co_return true;
  const bool alive = co_await send_continue();
  if (!alive) co_return false;
  const bool fed = co_await feed_sink();
  co_return fed;
}

// Gives the sink piece after piece. The time it takes is not counted against the client.
Session::Task<bool> Session::feed_sink() {
  for (;;) {
    if (!body_.complete()) {
      const bool alive = co_await read_piece();
      if (!alive) co_return false;
    }
    if (response_) co_return true;
    const bool last = body_.complete();
    const Step step = last ? &Session::step_finish : &Session::step_write;
    const Deadline before = Steady::now();
    co_await on_pool(step);
    body_started_ += Steady::now() - before;
    body_.drop_piece();
    if (response_ || step_failed_) co_return true;
  }
}

// Reads until a piece is ready, or there is a response that refuses the body. False: the client is
// gone.
Session::Task<bool> Session::read_piece() {
  while (!body_.piece_ready()) {
    const std::size_t offered = body_.offer(in_.view().substr(used_));
    used_ += offered;
    if (offered == 0) {
      deadline_ = body_deadline();
      const std::span<char> space = body_.space();
      const std::size_t n = co_await receive(space.data(), space.size());
      deadline_ = Deadline::max();
      if (n == 0 && !timed_out_ && !peer_ended_) co_return false;
      if (n == 0) {
        refuse(timed_out_ ? body_timeout : cut_short);
        co_return true;
      }
      body_.commit(n);
    }
    if (body_.bad()) {
      refuse(bad_chunks);
      co_return true;
    }
    if (body_.received() > plan_.max_body) {
      refuse(too_large);
      co_return true;
    }
  }
  co_return true;
}

Deadline Session::body_deadline() const {
  const Deadline idle = Steady::now() + options_.body_idle_timeout;
  if (options_.min_body_rate == 0) return idle;
  const std::chrono::milliseconds earned(body_.received() * 1000 / options_.min_body_rate);
  return std::min(idle, body_started_ + options_.min_body_grace + earned);
}

Session::Task<bool> Session::send_continue() {
  body_started_ = Steady::now();
  if (!continue_pending_) co_return true;
  continue_pending_ = false;
  out_ = Outgoing{};
  out_.head = continue_line;
  const bool sent = co_await send();
  co_return sent;
}

Session::Task<void> Session::on_pool(Step step) {
  const PoolCallInitiation initiation{this, step};
  auto token = use_task;
  co_await asio::async_initiate<decltype(token), void()>(initiation, token);
}

// The sink may have a file to remove, so its end belongs on the pool too.
Session::Task<void> Session::drop_sink() { co_await on_pool(&Session::step_drop); }

void Session::step_handle() { response_ = api_.handle(plan_, request_); }

void Session::step_open() {
  auto opened = api_.open_sink(plan_, request_);
  if (auto* refusal = std::get_if<Response>(&opened)) {
    response_ = std::move(*refusal);
  } else {
    sink_ = std::move(std::get<std::unique_ptr<BodySink>>(opened));
  }
}

void Session::step_write() { response_ = sink_->write(body_.piece()); }

void Session::step_finish() {
  const std::string_view piece = body_.piece();
  if (!piece.empty()) response_ = sink_->write(piece);
  if (!response_) response_ = sink_->finish();
  sink_.reset();
}

void Session::step_drop() { sink_.reset(); }

void Session::refuse(const Refusal& refusal, bool close) {
  response_ = api_.refuse(request_, refusal.status, refusal.code, refusal.detail);
  if (close) response_->close = true;
}

// Decides about the connection and lays the answer out for sending.
void Session::compose() {
  Response& response = *response_;
  const bool body_in_the_way =
      !body_.complete() && (continue_pending_ || body_.left() > discard_limit);
  keep_ = traits_.keep_alive && !response.close && !body_in_the_way && !worker_.draining();
  ConnectionHeader connection = ConnectionHeader::none;
  if (!keep_) connection = ConnectionHeader::close;
  if (keep_ && !traits_.http11) connection = ConnectionHeader::keep_alive;
  if (head_.capacity() > kept_head_capacity) head_ = std::string();
  head_.clear();
  append_response_head(head_, response, connection, worker_.http_date());

  out_ = Outgoing{};
  out_.head = head_;
  if (request_.method != Method::head && allows_body(response.status)) {
    if (const auto* file = std::get_if<FileBody>(&response.body)) {
      out_.file = file->fd ? file->fd->get() : -1;
      out_.file_offset = static_cast<std::int64_t>(file->offset);
      out_.file_left = file->length;
    } else if (const auto* shared = std::get_if<SharedBody>(&response.body)) {
      out_.body = **shared;
    } else {
      out_.body = std::get<std::string>(response.body);
    }
  }
  out_size_ = out_.left();
}

// Sends the rest of out_, waiting where it must. False: the client is gone or does not read.
Session::Task<bool> Session::send() {
  for (;;) {
    const SendStatus status = send_some(socket_.native_handle(), out_, send_budget);
    if (status == SendStatus::done) break;
    if (status == SendStatus::failed || timed_out_ || aborted_) co_return false;
    if (status == SendStatus::yield) {
      co_await yield();
      continue;
    }
    deadline_ = Steady::now() + options_.response_stall_timeout;
    error_code error;
    auto token = asio::redirect_error(use_task, error);
    co_await socket_.async_wait(Socket::wait_write, token);
    if (error) co_return false;
  }
  deadline_ = Deadline::max();
  co_return true;
}

void Session::finish_request() {
  const Deadline now = Steady::now();
  RequestTiming timing;
  timing.total = now - started_;
  timing.bytes_received = scan_.size() + body_.received();
  timing.bytes_sent = out_size_;
  api_.finish(request_, *response_, timing);
  started_ = now;  // the keep-alive time counts from here
}

// Reads what is left of a small body that nobody wanted, to keep the connection.
Session::Task<bool> Session::discard_body() {
  plan_.max_body = body_.received() + discard_limit;
  body_started_ = Steady::now();
  response_.reset();
  while (!body_.complete()) {
    const bool alive = co_await read_piece();
    if (!alive || response_) co_return false;
    body_.drop_piece();
  }
  co_return true;
}

// Closes so that the client can still read the answer: a close with unread bytes would reset the
// connection and take the answer with it.
Session::Task<void> Session::linger() {
  body_.release();
  sink_.reset();
  idle_ = false;
  timed_out_ = false;
  deadline_ = Steady::now() + options_.linger_timeout;
  ::shutdown(socket_.native_handle(), SHUT_WR);
  std::unique_ptr<char[]> scrap(new char[16 * 1024]);
  std::size_t n;
  do {
    n = co_await receive(scrap.get(), 16 * 1024);
  } while (n > 0);
}

Session::Task<void> Session::yield() {
  auto token = use_task;
  co_await asio::post(worker_.executor(), token);
}

}  // namespace tintype

// Session: one connection, from accept to close. Internal to the server.
//
// `run` is the one coroutine of a connection; everything else is called from it, but for the steps
// (`step_*`), which it hands to the blocking pool and waits for. Waiting on the socket is bounded
// by `deadline_`, which the worker's reaper checks some times a second: no timer per operation.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "fronts/server/body_reader.h"
#include "fronts/server/head_scan.h"
#include "fronts/server/input_buffer.h"
#include "fronts/server/io_worker.h"
#include "fronts/server/request_parser.h"
#include "fronts/server/socket_io.h"

namespace tintype {

class Session {
 public:
  template <typename T>
  using Task = asio::awaitable<T, Executor>;
  using Step = void (Session::*)();

  // With `turn_away` the connection is answered 503 whatever it asks.
  Session(IoWorker& worker, Socket socket, std::string remote, bool turn_away);

  Task<void> run();
  void check_deadline(Deadline now);
  void drain();  // closes the connection if no request has begun
  void abort();  // cuts it

 private:
  enum class Head { need_more, ready, refused };
  template <typename Handler>
  class PoolCall;
  struct PoolCallInitiation;

  Task<void> serve();
  void turn_away();

  // Reading a head.
  Head look_for_request();
  Task<bool> read_request();
  Task<std::size_t> receive(char* data, std::size_t size);
  void refuse_head(HeadScan::Status status);
  void next_request();

  // Producing the answer; false when the client is gone.
  bool answer_at_once();
  Task<bool> run_plan();
  Task<bool> run_whole();
  Task<bool> run_stream();
  Task<bool> feed_sink();
  Task<bool> read_piece();
  Task<bool> send_continue();
  Task<void> on_pool(Step step);
  Task<void> drop_sink();
  void refuse(const Refusal& refusal, bool close = true);
  bool body_too_large() const;
  Deadline body_deadline() const;

  void step_handle();
  void step_open();
  void step_write();
  void step_finish();
  void step_drop();

  // Sending it.
  void compose();
  Task<bool> send();
  void finish_request();
  Task<bool> discard_body();
  Task<void> linger();
  Task<void> yield();

  IoWorker& worker_;
  const ServerOptions& options_;
  HttpApi& api_;
  Socket socket_;
  const std::string remote_;
  const bool turn_away_;

  Deadline deadline_ = Deadline::max();
  bool timed_out_ = false;
  bool peer_ended_ = false;  // the last read found that the client sends no more
  bool aborted_ = false;
  bool idle_ = true;  // between requests: nothing of the next one has come

  InputBuffer in_;
  std::size_t used_ = 0;  // bytes of in_ that belong to the current request
  HeadScan scan_;
  Request request_;
  RequestTraits traits_;
  Plan plan_;
  BodyReader body_;
  std::string whole_body_;
  bool continue_pending_ = false;  // the client waits for 100 before it sends the body
  Deadline started_{};
  Deadline body_started_{};

  std::unique_ptr<BodySink> sink_;
  std::optional<Response> response_;
  bool step_failed_ = false;

  std::string head_;
  Outgoing out_;
  std::uint64_t out_size_ = 0;
  bool keep_ = false;
  unsigned served_ = 0;
};

}  // namespace tintype

// FakeApi: an HttpApi of a few routes, to test a front without the service behind it.
//
//   GET  /hello          "hello", inline            GET  /slow     after `slow_for`, blocking
//   POST /echo           body back, inline, whole   POST /store    length and sum, blocking, whole
//   GET  /file           `file`, by sendfile        GET  /big      `big_size` bytes from memory
//   GET  /shared         `shared`, a body that several answers have in common
//   PUT  /upload         streamed to a sink that answers "<size> <sum>"
//   PUT  /upload-refused open_sink refuses (403)    PUT  /upload-early  write refuses at the 2nd
//   piece GET  /empty          204                        GET  /unchanged     304 GET  /reply?VALUE
//   a header X-Value: VALUE with a line break in it GET  /target         the path, a space and the
//   query, as the Request has them PUT  without length to /upload: 411; anything else: 404
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "handlers/api.h"

namespace tintype::testing {

// A sum that notices bytes lost, doubled or swapped.
inline std::uint64_t sum_of(std::string_view bytes, std::uint64_t start = 7) {
  for (const char c : bytes) start = start * 31 + static_cast<unsigned char>(c);
  return start;
}

class FakeApi : public HttpApi {
 public:
  std::chrono::milliseconds slow_for{100};
  std::uint64_t max_body = 1000;
  std::uint64_t max_upload = 64 * 1024 * 1024;
  std::size_t big_size = 0;
  std::shared_ptr<UniqueFd> file;
  std::uint64_t file_size = 0;
  SharedBody shared = std::make_shared<const std::string>("in common");
  std::chrono::milliseconds sink_delay{0};  // in each write

  std::atomic<int> begun{0}, handled{0}, finished{0}, refused{0};
  std::atomic<int> sinks_open{0}, sinks_finished{0}, sinks_dropped{0};
  std::atomic<std::size_t> largest_piece{0};

  Plan begin(Request& request) override {
    ++begun;
    request.request_id = "r";
    const std::string_view path = request.raw_path;
    Plan plan;
    if (path == "/echo") return with_body(BodyKind::whole, CostClass::inline_);
    if (path == "/store") return with_body(BodyKind::whole, CostClass::blocking);
    if (path.starts_with("/upload")) {
      if (!request.content_length && !request.chunked) {
        plan.answer = text(411, "length required");
        return plan;
      }
      plan = with_body(BodyKind::stream, CostClass::blocking);
      plan.max_body = max_upload;
      return plan;
    }
    if (path == "/slow") plan.cost = CostClass::blocking;
    if (path == "/denied") plan.answer = text(401, "denied");
    return plan;
  }

  Response handle(const Plan&, const Request& request) override {
    ++handled;
    const std::string_view path = request.raw_path;
    if (path == "/hello") return text(200, "hello");
    if (path == "/echo") return text(200, std::string(request.body));
    if (path == "/store") return text(200, summary(request.body.size(), sum_of(request.body)));
    if (path == "/big") return text(200, std::string(big_size, 'b'));
    if (path == "/empty") return text(204, "");
    if (path == "/unchanged") return text(304, "");
    if (path == "/target")
      return text(200, std::string(path) + " " + std::string(request.raw_query));
    if (path == "/host") return text(200, host_of(request));
    if (path == "/remote") return text(200, std::string(request.remote_address));
    if (path == "*") return text(200, "star");
    if (path == "/slow") {
      std::this_thread::sleep_for(slow_for);
      return text(200, "slow");
    }
    if (path == "/file") return file_response();
    if (path == "/shared") return shared_response();
    if (path == "/reply") {
      Response response = text(200, "x");
      response.set("X-Value", "a\r\nInjected: yes");
      return response;
    }
    return text(404, "nothing here");
  }

  std::variant<std::unique_ptr<BodySink>, Response> open_sink(const Plan&,
                                                              const Request& request) override {
    if (request.raw_path == "/upload-refused") return text(403, "refused");
    ++sinks_open;
    return std::unique_ptr<BodySink>(new Sink(*this, request.raw_path == "/upload-early"));
  }

  Response refuse(const Request&, int status, std::string_view code, std::string_view) override {
    ++refused;
    Response response = text(status, std::string(code));
    if (status == 503) response.set("Retry-After", "1");
    return response;
  }

  void finish(const Request&, const Response&, const RequestTiming& timing) override {
    ++finished;
    std::lock_guard lock(mutex_);
    last_timing_ = timing;
  }

  RequestTiming last_timing() const {
    std::lock_guard lock(mutex_);
    return last_timing_;
  }

  static std::string summary(std::size_t size, std::uint64_t sum) {
    return std::to_string(size) + " " + std::to_string(sum);
  }

 private:
  class Sink final : public BodySink {
   public:
    Sink(FakeApi& api, bool early) : api_(api), early_(early) {}
    ~Sink() override {
      --api_.sinks_open;
      if (!finished_) ++api_.sinks_dropped;
    }
    std::optional<Response> write(std::string_view chunk) override {
      if (chunk.size() > api_.largest_piece) api_.largest_piece = chunk.size();
      if (api_.sink_delay.count() > 0) std::this_thread::sleep_for(api_.sink_delay);
      if (early_ && size_ > 0) return text(400, "enough");
      size_ += chunk.size();
      sum_ = sum_of(chunk, sum_);
      return std::nullopt;
    }
    Response finish() override {
      finished_ = true;
      ++api_.sinks_finished;
      return text(200, summary(size_, sum_));
    }

   private:
    FakeApi& api_;
    const bool early_;
    bool finished_ = false;
    std::size_t size_ = 0;
    std::uint64_t sum_ = 7;
  };

  static Response text(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    response.set("Content-Type", "text/plain");
    return response;
  }

  Plan with_body(BodyKind kind, CostClass cost) const {
    Plan plan;
    plan.cost = cost;
    plan.body = kind;
    plan.max_body = max_body;
    return plan;
  }

  static std::string host_of(const Request& request) {
    for (const auto& [name, value] : request.headers)
      if (name == "Host" || name == "host") return std::string(value);
    return "";
  }

  Response file_response() const {
    Response response;
    response.body = FileBody{file, 0, file_size};
    return response;
  }

  Response shared_response() const {
    Response response;
    response.body = shared;
    return response;
  }

  mutable std::mutex mutex_;
  RequestTiming last_timing_;
};

}  // namespace tintype::testing

// HTTP without a server: what the fronts (server, Lambda) hand to the handlers and get back.
//
// No type of Beast, curl or API Gateway appears here. A front turns what it received into a
// Request, asks Api (handlers/api.h) what to do with it, and turns the Response into bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "handlers/attempt.h"

namespace tintype {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };
std::string_view method_name(Method method);
Method parse_method(std::string_view text);  // case-sensitive (RFC 9110 §9.1)

using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

// Whom a gateway in front of the service has verified the caller to be.
struct VerifiedClaims {
  std::string subject;
  std::optional<std::string> scopes;  // separated by spaces; nothing: it says nothing of scopes
};

// One request. The views stay valid until its Response has been produced.
struct Request {
  Method method = Method::get;
  std::string_view method_text;  // as sent
  std::string_view raw_path;     // as sent, percent-encoded, below the base path; starts with `/`
  std::string_view raw_query;    // as sent, without `?`
  HeaderViews headers;
  std::string_view body;  // for routes that read it whole
  std::optional<std::uint64_t> content_length;
  bool chunked = false;  // Transfer-Encoding: chunked
  std::string_view remote_address;
  std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();  // its head
  // When nobody waits for the answer any more; the service's own limits hold beside it.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::optional<VerifiedClaims> claims;      // from API Gateway's authorizer
  std::string request_id;                    // accepted or new; filled by Api::begin
  std::vector<std::string> path_parameters;  // decoded; filled by Api::begin
  Attempt attempt;                           // of a POST that changes things; filled by Api::handle

  // The first header of that name (case-insensitive), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
  // All headers of that name as one list (RFC 9110 §5.3), empty when there is none.
  std::string joined_headers(std::string_view name) const;
};

struct FileBody {
  std::shared_ptr<UniqueFd> fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Bytes that many answers share, sent without a copy. Never null.
using SharedBody = std::shared_ptr<const std::string>;

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  // without Content-Length, Date, Connection
  std::variant<std::string, FileBody, SharedBody> body;
  bool passing = false;  // worth another try, whatever the status says
  bool close = false;    // the connection cannot be used again (the body was not read)

  void set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
  }
  // What Content-Length says; for HEAD too, where no body follows.
  std::uint64_t content_length() const;
};

// What a route costs, which decides where the server runs it.
enum class CostClass : std::uint8_t {
  inline_,   // at once, on the I/O thread
  blocking,  // on the bounded pool: anything with an fsync, a network call or a worker
};

// How a route takes its body.
enum class BodyKind : std::uint8_t {
  none,    // a body is refused
  whole,   // read into Request::body, up to the route's limit
  stream,  // given to a BodySink as it arrives
};

// Takes the body of a streaming request piece by piece. Destroyed before `finish`, it leaves
// nothing behind. Calls come from one thread at a time, on the blocking pool.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // A Response ends the request early (the rest of the body is not read).
  virtual std::optional<Response> write(std::string_view chunk) = 0;
  virtual Response finish() = 0;
};

}  // namespace tintype

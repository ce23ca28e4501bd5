// HttpClient: outgoing HTTP, synchronous.
//
// Threading: `send` may be called from any thread; each thread has its own connections, which are
// kept alive between its requests. A client costs nothing until it is used.
// Time: every request ends by its deadline, unless it is to wait for ever; connecting has a limit
// of its own, and a connection on which next to nothing moves for a while is given up earlier.
// Errors: `unavailable` the server could not be reached, or the connection broke (nothing says
// whether a request that was sent took effect); `timeout` the deadline passed or the connection
// stood still; `too_large` with code `response_too_large`; `invalid` for a URL that is none or not
// http(s); `unavailable` with code `tls_failed` when the certificate does not verify, which trying
// again does not mend; `internal` otherwise. An HTTP status of any kind is an answer, not an error.
// Redirects are answers too: none is followed. Proxies of the environment are not used.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace tintype {

// The first `length` bytes of `fd`, read with pread; the descriptor is neither closed nor moved.
struct HttpFileBody {
  int fd = -1;
  std::uint64_t length = 0;
  std::function<void(std::uint64_t sent)> progress;  // may be empty; called on the sending thread
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // percent-encoded; sent as it is
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                  // sent unless `file` is set
  std::optional<HttpFileBody> file;  // sent with Content-Length, streamed
  // Where the body of a 2xx answer goes instead of memory: the descriptor is emptied when the body
  // begins, written from its start, and not closed. `max_response` holds for other answers alone.
  std::optional<int> download_to;
  Deadline deadline = Deadline::max();
  // For an answer that may take days: beyond connecting, no limit on time holds, `deadline`
  // neither.
  bool wait_forever = false;
  std::size_t max_response = 8 * 1024 * 1024;  // bytes of the body
  std::uint64_t max_download = UINT64_MAX;     // bytes that go to `download_to`
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, as sent
  std::string body;
  std::uint64_t downloaded = 0;  // bytes that went to `download_to`
  // How often it was sent: once more where a kept-alive connection broke before the answer began,
  // and the server may then have done it twice.
  int sends = 0;

  // The first header of that lower-case name.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpClientOptions {
  milliseconds connect_timeout = seconds(5);
  // Given up when fewer than this many bytes per second move for this long.
  std::uint64_t low_speed_bytes = 1;
  seconds low_speed_time{30};
  std::string user_agent = "tintype/" TINTYPE_VERSION;
  std::string ca_file;  // certificates to trust; empty: the system's
};

class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  Result<HttpResponse> send(const HttpRequest& request) const;

 private:
  HttpClientOptions options_;
};

}  // namespace tintype

#include "adapters/aws/small_request.h"

#include <algorithm>
#include <thread>

#include "adapters/aws/retry.h"
#include "signing/text.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr milliseconds kFirstWait{50};

std::string server_of(const std::string& url) {
  const auto host = url.find("://");
  if (host == url.npos) return "the URL";
  return sigv4::printable(url.substr(0, url.find_first_of("/?#", host + 3)));
}

Error without_path(const Error& error, const std::string& url) {
  const auto where = server_of(url);
  switch (error.kind) {
    case ErrorKind::timeout: return timeout_error(where + " did not answer in time");
    case ErrorKind::too_large:
      return {error.kind, error.code, where + " answered with far too much", {}};
    case ErrorKind::unavailable: return unavailable_error(where + " cannot be reached");
    case ErrorKind::invalid: return {error.kind, error.code, where + " cannot be asked", {}};
    default: return {error.kind, error.code, where + " cannot be asked safely", {}};
  }
}

bool may_help(const Error& error) {
  return error.is(ErrorKind::unavailable) || error.is(ErrorKind::timeout);
}

}  // namespace

bool is_momentary(const HttpResponse& response) {
  return response.status == 429 || response.status >= 500;
}

Result<HttpResponse> send_small(const AwsSurroundings& surroundings, HttpRequest request,
                                Patience patience, Deadline deadline,
                                const WorthAnotherTry& worth_another_try) {
  request.max_response = kMaxAnswer;
  const BackoffPolicy policy{.attempts = patience.tries, .base = kFirstWait};
  for (int number = 1;; ++number) {
    request.deadline = std::min(deadline, deadline_in(patience.each));
    auto response = surroundings.http(request);
    const bool again = response.ok() ? worth_another_try(*response) : may_help(response.error());
    const auto wait = again
                          ? wait_before_retry(policy, number, false, deadline, surroundings.random)
                          : std::nullopt;
    if (!wait && response.ok()) return response;
    if (!wait) return without_path(response.error(), request.url);
    std::this_thread::sleep_for(*wait);
  }
}

}  // namespace tintype

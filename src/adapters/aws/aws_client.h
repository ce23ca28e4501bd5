// AwsClient: signs requests to one AWS service (or a server that speaks its API), sends them, and
// sends them again where that helps.
//
// Threading: thread-safe; a call blocks until the answer, the end of the attempts or the deadline.
// What an answer means is the service's own affair: a Judge says it, one pure function for each
// service. Between attempts lies a backoff (retry.h). A clock that is wrong by more than the
// service allows is corrected once, from the answer's Date header, for all requests that follow.
// Errors: those of net/http_client.h and credentials.h, when the last attempt failed with one.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "adapters/aws/credentials.h"
#include "adapters/aws/retry.h"
#include "base/random.h"
#include "net/http_client.h"

namespace tintype {

struct AwsRequest {
  std::string method;
  std::string path = "/";     // decoded, starts with `/`
  sigv4::NameValues query;    // decoded
  sigv4::NameValues headers;  // to send and to sign beside Host
  std::string body;           // sent and hashed unless `file` is set
  std::optional<HttpFileBody> file;
  std::string payload_hash;        // hex SHA-256 of `file`, or sigv4::kUnsignedPayload
  std::optional<int> download_to;  // where the body of a 2xx answer goes instead of memory
  Deadline deadline = Deadline::max();
  std::size_t max_response = 32 * 1024 * 1024;
  std::uint64_t max_download = UINT64_MAX;  // bytes that go to `download_to`
};

// What to do about an answer.
enum class Verdict : std::uint8_t {
  final,      // it is what it is, good or bad
  again,      // the server failed for a moment
  throttled,  // it asks for less: wait longer
  skewed,     // our clock and the server's differ too much
  expired,    // the credentials are no longer good: fetch others
};
using Judge = std::function<Verdict(const HttpResponse&)>;

struct AwsAnswer {
  HttpResponse response;
  // More than 1: an earlier attempt may have taken effect although its answer was lost.
  int attempts = 1;
};

struct AwsClientOptions {
  std::string service;  // `s3`, `dynamodb`: of the signature's scope
  std::string region;
  std::string scheme_and_host;  // `https://dynamodb.eu-central-1.amazonaws.com`
  BackoffPolicy retry;
  HttpClientOptions http;
};

class AwsClient {
 public:
  // The references must outlive the client.
  AwsClient(AwsClientOptions options, CredentialsProvider& credentials, const Clock& clock,
            Random& random);

  Result<AwsAnswer> send(const AwsRequest& request, const Judge& judge);

  // How many requests went out, attempts counted each; for tests and measurements.
  std::uint64_t requests_sent() const { return sent_; }
  // Now, by the server's clock as far as it is known.
  Timestamp now() const;
  // What `now` adds to our own clock.
  milliseconds skew() const { return milliseconds(skew_ms_.load()); }
  const AwsClientOptions& options() const { return options_; }
  CredentialsProvider& credentials() const { return credentials_; }

 private:
  Result<HttpRequest> sign(const AwsRequest& request) const;
  bool correct_clock(const HttpResponse& response);
  Result<HttpResponse> attempt(const AwsRequest& request);

  AwsClientOptions options_;
  CredentialsProvider& credentials_;
  const Clock& clock_;
  Random& random_;
  HttpClient http_;
  std::string host_;
  std::atomic<std::int64_t> skew_ms_{0};
  std::atomic<std::uint64_t> sent_{0};
};

// For the operator: `who` (`DynamoDB`) did not answer. `setting` says where it was looked for. To
// the callers of a port, a server that does not answer in time is one that does not answer.
// Errors on credentials speak for themselves, and those of other kinds are returned as they are.
Error unreachable_error(Error error, std::string_view who, std::string_view setting);

}  // namespace tintype

#include "adapters/aws/aws_client.h"

#include <cstdlib>
#include <thread>

#include "base/encoding.h"
#include "base/hash.h"

namespace tintype {
namespace {

// Services refuse signatures that are off by five (S3: fifteen) minutes; less is no reason.
constexpr milliseconds kTolerableSkew = std::chrono::minutes(1);

std::string payload_hash(const AwsRequest& request) {
  return request.file ? request.payload_hash : hex_encode(sha256(request.body));
}

bool may_help(const Error& error) {
  return error.is(ErrorKind::unavailable) && !error.is("tls_failed");
}

}  // namespace

AwsClient::AwsClient(AwsClientOptions options, CredentialsProvider& credentials, const Clock& clock,
                     Random& random)
    : options_(std::move(options)),
      credentials_(credentials),
      clock_(clock),
      random_(random),
      http_(options_.http),
      host_(options_.scheme_and_host.substr(options_.scheme_and_host.find("://") + 3)) {}

Timestamp AwsClient::now() const { return clock_.now() + skew(); }

Result<HttpRequest> AwsClient::sign(const AwsRequest& request) const {
  const auto credentials = TRY(credentials_.get(request.deadline));
  sigv4::CanonicalInput input{request.method, request.path, request.query, request.headers,
                              payload_hash(request)};
  input.headers.emplace_back("host", host_);
  const sigv4::Scope scope{now(), options_.region, options_.service};
  HttpRequest out;
  out.method = request.method;
  out.url = options_.scheme_and_host + percent_encode(request.path, true);
  if (!request.query.empty()) out.url += "?" + sigv4::canonical_query(request.query);
  out.headers = request.headers;
  for (auto& header : sigv4::sign_headers(credentials.keys, scope, input))
    out.headers.push_back(std::move(header));
  out.body = request.body;
  out.file = request.file;
  out.download_to = request.download_to;
  out.deadline = request.deadline;
  out.max_response = request.max_response;
  out.max_download = request.max_download;
  return out;
}

Result<HttpResponse> AwsClient::attempt(const AwsRequest& request) {
  const auto signed_request = TRY(sign(request));
  ++sent_;
  return http_.send(signed_request);
}

// False when the Date header gives no reason to think that the clock is wrong.
bool AwsClient::correct_clock(const HttpResponse& response) {
  const auto date = response.header("date");
  if (!date) return false;
  const auto theirs = parse_http_date(*date);
  if (!theirs.ok()) return false;
  const auto skew = *theirs - clock_.now();
  if (std::chrono::abs(skew - milliseconds(skew_ms_.load())) < kTolerableSkew) return false;
  skew_ms_ = skew.count();
  return true;
}

Result<AwsAnswer> AwsClient::send(const AwsRequest& request, const Judge& judge) {
  bool renewed = false;
  int sent_again = 0;  // within an attempt
  for (int number = 1;; ++number) {
    auto response = attempt(request);
    if (response.ok()) sent_again += response->sends - 1;
    const Verdict verdict = response.ok() ? judge(*response) : Verdict::again;
    if (!response.ok() && !may_help(response.error())) return std::move(response).error();
    if (verdict == Verdict::final) return AwsAnswer{std::move(*response), number + sent_again};
    if (verdict == Verdict::skewed && !correct_clock(*response))
      return AwsAnswer{std::move(*response), number + sent_again};
    if (verdict == Verdict::expired) {
      if (renewed) return AwsAnswer{std::move(*response), number + sent_again};
      renewed = true;
      credentials_.forget();
    }
    const auto wait = wait_before_retry(options_.retry, number, verdict == Verdict::throttled,
                                        request.deadline, random_);
    if (!wait) {
      if (!response.ok()) return std::move(response).error();
      return AwsAnswer{std::move(*response), number + sent_again};
    }
    std::this_thread::sleep_for(*wait);
  }
}

Error unreachable_error(Error error, std::string_view who, std::string_view setting) {
  if (!error.is(ErrorKind::unavailable) && !error.is(ErrorKind::timeout)) return error;
  error.kind = ErrorKind::unavailable;
  if (error.is(kCredentialsCode)) return error;
  error.code = "aws_unreachable";
  error.detail = std::string(who) + " cannot be reached: " + error.detail +
                 ". Check the network, aws.region and " + std::string(setting) + ".";
  return error;
}

}  // namespace tintype

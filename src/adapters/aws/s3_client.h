// S3Client: requests about one bucket and its objects, sent with a deadline, answered with a 2xx or
// an error of the ports.
//
// Threading: thread-safe. Whatever it sends may be sent twice (AwsClient repeats what failed for a
// moment or whose answer was lost), so it is for idempotent requests alone.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/aws/aws_client.h"
#include "adapters/aws/s3_errors.h"
#include "adapters/aws/s3_settings.h"

namespace tintype {

struct S3ClientOptions {
  S3Settings s3;
  // The time for one call with all its attempts. The slowest transfer that is waited for adds its
  // own: `size / slowest_bytes_per_second`.
  milliseconds request_timeout = seconds(30);
  std::uint64_t slowest_bytes_per_second = 256 * 1024;
  BackoffPolicy retry;
  HttpClientOptions http;
};

struct S3Call {
  std::string method = "GET";
  std::string key;  // empty: the bucket itself
  sigv4::NameValues query;
  sigv4::NameValues headers;
  std::string body;                  // XML, sent with its MD5; unless `file` is set
  std::optional<HttpFileBody> file;  // sent with `file_sha256`
  std::string file_sha256;           // 32 raw bytes
  std::optional<int> download_to;
  std::uint64_t max_download = UINT64_MAX;
  std::uint64_t expected_bytes = 0;      // that the answer may have, for the deadline
  std::optional<milliseconds> time_out;  // instead of `request_timeout`
  Verdict (*judge)(const HttpResponse&) = judge_s3;
};

class S3Client {
 public:
  // The references must outlive the client. Errors: those of locate_bucket.
  static Result<std::unique_ptr<S3Client>> create(S3ClientOptions options,
                                                  CredentialsProvider& credentials,
                                                  const Clock& clock, Random& random);

  // A 2xx answer. Errors: those of s3_error, of net/http_client.h (with `unavailable` for
  // `timeout`) and of the credentials.
  Result<HttpResponse> call(const S3Call& call);
  // Any answer, for those who read more from it than an error.
  Result<HttpResponse> ask(const S3Call& call);
  Error error_of(const HttpResponse& response) const { return s3_error(response, place_); }

  const S3Location& location() const { return location_; }
  const S3Place& place() const { return place_; }
  AwsClient& aws() { return aws_; }

 private:
  S3Client(S3ClientOptions options, S3Location location, CredentialsProvider& credentials,
           const Clock& clock, Random& random);
  Deadline deadline_of(const S3Call& call) const;

  const S3ClientOptions options_;
  const S3Location location_;
  const S3Place place_;
  AwsClient aws_;
};

}  // namespace tintype

#include "adapters/aws/s3_client.h"

#include "base/deadline_scope.h"
#include "base/encoding.h"
#include "base/hash.h"

namespace tintype {

Result<std::unique_ptr<S3Client>> S3Client::create(S3ClientOptions options,
                                                   CredentialsProvider& credentials,
                                                   const Clock& clock, Random& random) {
  auto location = TRY(locate_bucket(options.s3));
  return std::unique_ptr<S3Client>(
      new S3Client(std::move(options), std::move(location), credentials, clock, random));
}

S3Client::S3Client(S3ClientOptions options, S3Location location, CredentialsProvider& credentials,
                   const Clock& clock, Random& random)
    : options_(std::move(options)),
      location_(std::move(location)),
      place_{location_.bucket, location_.region},
      aws_({"s3", location_.region, location_.internal.scheme_and_host, options_.retry,
            options_.http},
           credentials, clock, random) {}

Deadline S3Client::deadline_of(const S3Call& call) const {
  const std::uint64_t bytes = call.expected_bytes + (call.file ? call.file->length : 0);
  const auto transfer = seconds(bytes / options_.slowest_bytes_per_second);
  return step_deadline(call.time_out.value_or(options_.request_timeout) + transfer);
}

Result<HttpResponse> S3Client::ask(const S3Call& call) {
  AwsRequest request;
  request.method = call.method;
  request.path = call.key.empty() ? location_.internal.bucket_path()
                                  : location_.internal.object_path(call.key);
  request.query = call.query;
  request.headers = call.headers;
  if (!call.body.empty()) {
    request.headers.emplace_back("content-type", "application/xml");
    request.headers.emplace_back("content-md5", base64_encode(md5(call.body)));
  }
  request.body = call.body;
  request.file = call.file;
  if (call.file) {
    request.payload_hash = hex_encode(call.file_sha256);
    request.headers.emplace_back("x-amz-checksum-sha256", base64_encode(call.file_sha256));
  }
  request.download_to = call.download_to;
  request.max_download = call.max_download;
  request.deadline = deadline_of(call);
  auto answer = aws_.send(request, call.judge);
  if (answer.ok()) return std::move(answer->response);
  return unreachable_error(std::move(answer).error(), "The object store", "s3.endpoint");
}

Result<HttpResponse> S3Client::call(const S3Call& call) {
  auto response = TRY(ask(call));
  if (response.status / 100 != 2) return error_of(response);
  return response;
}

}  // namespace tintype

#include <algorithm>

#include "base/encoding.h"
#include "handlers/handlers.h"
#include "handlers/object_access.h"
#include "handlers/s3_error.h"

namespace tintype {
namespace {

class PutSink final : public BodySink {
 public:
  PutSink(const ApiContext& context, const Request& request, std::unique_ptr<ObjectWriter> writer)
      : context_(context), request_(request), writer_(std::move(writer)) {}

  std::optional<Response> write(std::string_view chunk) override {
    auto written = writer_->write(chunk);
    if (written.ok()) return std::nullopt;
    return s3_error_response(written.error(), request_);
  }

  Response finish() override {
    auto stored = writer_->commit();
    if (!stored.ok()) return s3_error_response(stored.error(), request_);
    auto arrived = upload_arrived(context_, stored->info.key);
    if (!arrived.ok()) return s3_error_response(arrived.error(), request_);
    Response response;
    response.set("ETag", "\"" + stored->info.etag + "\"");
    response.set("x-amz-checksum-sha256", base64_encode(stored->sha256));
    return response;
  }

 private:
  const ApiContext& context_;
  const Request& request_;
  std::unique_ptr<ObjectWriter> writer_;
};

Error s3_invalid(std::string code, std::string detail) {
  return invalid_error(std::move(code), std::move(detail));
}

// The URL must have been signed for exactly this many bytes; S3 can bound an upload no other way.
Result<void> check_length(const ApiContext& context, const Request& request,
                          const sigv4::VerifiedUrl& url) {
  const auto& names = url.signed_headers;
  if (std::find(names.begin(), names.end(), "content-length") == names.end())
    return Error{ErrorKind::forbidden, "AccessDenied", "The URL does not sign content-length.", {}};
  if (*request.content_length > context.services.limits.max_upload_bytes)
    return s3_invalid("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.");
  return {};
}

Result<std::optional<std::string>> declared_checksum(const Request& request) {
  auto header = request.header("x-amz-checksum-sha256");
  if (!header) return std::optional<std::string>();
  auto digest = base64_decode(*header);
  if (!digest.ok() || digest->size() != 32)
    return s3_invalid("InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid.");
  return std::optional<std::string>(std::move(*digest));
}

Result<std::unique_ptr<BodySink>> open_put(const ApiContext& context, const Request& request) {
  auto url = TRY(verify_object_request(context, request, "PUT"));
  TRY(check_length(context, request, url));
  PutSpec spec;
  spec.key = request.path_parameters.back();
  TRY(awaited_upload(context, spec.key));
  spec.size = request.content_length;
  spec.sha256 = TRY(declared_checksum(request));
  auto writer = TRY(context.services.objects.put(spec));
  return std::unique_ptr<BodySink>(std::make_unique<PutSink>(context, request, std::move(writer)));
}

}  // namespace

SinkOrResponse open_object_put(const ApiContext& context, const Caller&, const Request& request) {
  if (!request.content_length)
    return s3_error_response(411, "MissingContentLength",
                             "You must provide the Content-Length HTTP header.", request);
  if (request.header("content-md5"))
    return s3_error_response(501, "NotImplemented",
                             "Content-MD5 is not supported; use x-amz-checksum-sha256.", request);
  auto sink = open_put(context, request);
  if (sink.ok()) return std::move(*sink);
  return s3_error_response(sink.error(), request);
}

}  // namespace tintype

#include "handlers/handlers.h"
#include "handlers/multipart_parser.h"
#include "handlers/object_access.h"
#include "handlers/s3_error.h"
#include "ports/local_presigner.h"
#include "signing/post_policy.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxFieldBytes = 20 * 1024;  // S3's limit for the form without the file

Error s3_invalid(std::string code, std::string detail) {
  return invalid_error(std::move(code), std::move(detail));
}

// Takes an S3 POST form: fields, which end with a `file`, whose bytes go straight to the store.
class PostSink final : public BodySink, private PartHandler {
 public:
  PostSink(const ApiContext& context, const Request& request, std::string_view boundary)
      : context_(context), request_(request), parser_(boundary, *this) {}

  std::optional<Response> write(std::string_view chunk) override {
    auto fed = parser_.feed(chunk);
    if (fed.ok()) return std::nullopt;
    return refusal(fed.error());
  }

  Response finish() override {
    auto done = store();
    return done.ok() ? std::move(*done) : refusal(done.error());
  }

 private:
  Response refusal(const Error& error) const {
    if (error.is("invalid_multipart"))
      return s3_error_response(400, "MalformedPOSTRequest", error.detail, request_);
    return s3_error_response(error, request_);
  }

  Result<void> on_part(const PartHeaders& headers) override {
    if (writer_) return {};  // S3 ignores what follows the file
    if (headers.name == "file") return open_file();
    if (fields_.size() >= kMaxFields)
      return s3_invalid("MalformedPOSTRequest", "The form has more than 64 fields.");
    fields_.emplace_back(headers.name, "");
    return {};
  }

  Result<void> on_data(std::string_view bytes) override {
    if (in_file_) {
      file_size_ += bytes.size();
      return writer_->write(bytes);
    }
    if (writer_) return {};
    field_bytes_ += bytes.size();
    if (field_bytes_ > kMaxFieldBytes)
      return s3_invalid("MaxPostPreDataLengthExceeded",
                        "The fields before the file are too large.");
    fields_.back().second += bytes;
    return {};
  }

  Result<void> on_part_end() override {
    in_file_ = false;
    return {};
  }

  Result<void> open_file() {
    auto allowed =
        TRY(sigv4::verify_post_policy(fields_, context_.services.objects.bucket(), kLocalRegion,
                                      context_.services.clock.now(), object_key_lookup(context_)));
    TRY(awaited_upload(context_, allowed.key));
    min_size_ = allowed.min_size;
    PutSpec spec;
    spec.key = allowed.key;
    spec.max_size = std::min(allowed.max_size, context_.services.limits.max_upload_bytes);
    writer_ = TRY(context_.services.objects.put(spec));
    in_file_ = true;
    return {};
  }

  Result<Response> store() {
    TRY(parser_.finish());
    if (!writer_) return s3_invalid("InvalidArgument", "POST requires exactly one file upload.");
    if (file_size_ < min_size_)
      return s3_invalid("EntityTooSmall", "Your proposed upload is smaller than allowed.");
    auto stored = TRY(writer_->commit());
    TRY(upload_arrived(context_, stored.info.key));
    return created(stored);
  }

  // 204, or what the form's success_action_status asks for.
  Response created(const PutResult& stored) const {
    Response response;
    response.status = 204;
    for (const auto& [name, value] : fields_)
      if (name == "success_action_status" && (value == "200" || value == "201"))
        response.status = value == "200" ? 200 : 201;
    response.set("ETag", "\"" + stored.info.etag + "\"");
    if (response.status != 201) return response;
    response.set("Content-Type", "application/xml");
    response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Bucket>" +
                    context_.services.objects.bucket() + "</Bucket><Key>" + stored.info.key +
                    "</Key><ETag>\"" + stored.info.etag + "\"</ETag></PostResponse>\n";
    return response;
  }

  const ApiContext& context_;
  const Request& request_;
  MultipartParser parser_;
  sigv4::NameValues fields_;
  std::size_t field_bytes_ = 0;
  std::unique_ptr<ObjectWriter> writer_;
  bool in_file_ = false;
  std::uint64_t file_size_ = 0;
  std::uint64_t min_size_ = 0;
};

}  // namespace

SinkOrResponse open_object_post(const ApiContext& context, const Caller&, const Request& request) {
  if (request.path_parameters.front() != context.services.objects.bucket())
    return s3_error_response(404, "NoSuchBucket", "The specified bucket does not exist.", request);
  auto boundary = multipart_boundary(request.header("content-type").value_or(""));
  if (!boundary.ok())
    return s3_error_response(412, "PreconditionFailed",
                             "Bucket POST must be of the enclosure-type multipart/form-data",
                             request);
  return std::make_unique<PostSink>(context, request, *boundary);
}

}  // namespace tintype

#include "adapters/aws/s3_writer.h"

#include "adapters/aws/unnamed_file.h"

namespace tintype {

Result<void> S3Writer::write(std::string_view bytes) {
  if (!file_) return internal_error("write after the end of a put");
  const std::uint64_t offset = intake_.size();
  auto written = intake_.accept(bytes);
  if (written.ok()) written = write_at(file_.get(), bytes, offset);
  if (!written.ok()) file_.reset();
  return written;
}

Result<PutResult> S3Writer::upload() {
  if (!file_) return internal_error("commit after the end of a put");
  const UniqueFd file = std::move(file_);
  std::string digest = TRY(intake_.finish());
  S3Call call;
  call.method = "PUT";
  call.key = intake_.key();
  call.file = HttpFileBody{file.get(), intake_.size(), {}};
  call.file_sha256 = digest;
  const auto response = TRY(client_.call(call));
  ObjectInfo info{intake_.key(), intake_.size(), {}, client_.aws().now()};
  if (const auto etag = response.header("etag")) info.etag = unquoted_etag(*etag);
  return PutResult{std::move(info), std::move(digest)};
}

// S3 says when the object was modified to HEAD alone. When that cannot be had, or somebody has
// replaced the object meanwhile, the put has succeeded all the same.
Result<PutResult> S3Writer::commit() {
  auto result = TRY(upload());
  const auto head = store_.head(result.info.key);
  if (head.ok() && head->etag == result.info.etag) result.info.modified = head->modified;
  return result;
}

Result<void> S3Writer::seal() {
  TRY(upload());
  return {};
}

}  // namespace tintype

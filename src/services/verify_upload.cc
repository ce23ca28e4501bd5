#include "services/verify_upload.h"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "services/rendition_ladder.h"

namespace tintype {
namespace {

constexpr std::size_t kReadSize = 256 * 1024;

Error upload_error(std::string code, std::string detail) {
  return {ErrorKind::unprocessable, std::move(code), std::move(detail), {}};
}

}  // namespace

Result<std::string> hash_object(const OpenObject& object) {
  Sha256 hash;
  std::vector<char> buffer(std::min<std::uint64_t>(kReadSize, object.length + 1));
  std::uint64_t done = 0;
  while (done < object.length) {
    auto want = std::min<std::uint64_t>(buffer.size(), object.length - done);
    auto at = static_cast<off_t>(object.offset + done);
    ssize_t got = pread(object.fd.get(), buffer.data(), want, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading the object", errno);
    if (got == 0) return internal_error("the object is shorter than its size");
    hash.update({buffer.data(), static_cast<std::size_t>(got)});
    done += static_cast<std::uint64_t>(got);
  }
  return hex_encode(hash.finish());
}

Result<VerifiedUpload> verify_upload(const ServiceContext& context, const ImageMetadata& image,
                                     const OpenObject& object, Deadline deadline) {
  if (object.info.size != image.size)
    return upload_error("size_mismatch", "The upload has " + std::to_string(object.info.size) +
                                             " bytes; " + std::to_string(image.size) +
                                             " were declared.");
  auto sha256_hex = TRY(hash_object(object));
  if (image.declared_sha256 && *image.declared_sha256 != sha256_hex)
    return upload_error("checksum_mismatch", "The SHA-256 of the upload is not the declared one.");
  auto examination = TRY(context.images.examine({object.fd.get(), object.info.size},
                                                ladder_specs(context), context.limits, deadline));
  return VerifiedUpload{std::move(examination), std::move(sha256_hex), object.info.etag};
}

}  // namespace tintype

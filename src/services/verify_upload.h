// Verify upload: holds uploaded bytes against what the client declared and looks into them.
#pragma once

#include <string>

#include "services/service_context.h"

namespace tintype {

struct VerifiedUpload {
  Examination examination;  // the facts, and a picture for each rung of the ladder
  std::string sha256_hex;
  std::string etag;  // of the very object that was verified
};

// Errors: `unprocessable` with a failure code of the contract (`size_mismatch`,
// `checksum_mismatch`, `not_an_image`, `corrupt_image`, ...) when the upload is at fault; others
// when it is not, and trying again makes sense.
Result<VerifiedUpload> verify_upload(const ServiceContext& context, const ImageMetadata& image,
                                     const OpenObject& object, Deadline deadline);

// SHA-256 of the object's bytes in hex. Errors: `internal` when they cannot be read.
Result<std::string> hash_object(const OpenObject& object);

}  // namespace tintype

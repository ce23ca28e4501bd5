// What an S3 bucket's clients are given: URLs and forms that are signed for the public endpoint,
// and bind them to exactly what embedded mode binds them to (ports/local_presigner.h).
//
// Thread-safe. No URL outlives the keys that sign it: its life is cut to theirs. Signed with the
// server's clock as far as it is known. Errors: `invalid` for a bad key or lifetime; those of the
// credentials.
#pragma once

#include "adapters/aws/s3_client.h"
#include "ports/object_store.h"

namespace tintype {

class S3Presigner {
 public:
  explicit S3Presigner(S3Client& client) : client_(client) {}

  Result<PresignedUrl> put(const PresignPut& request) const;
  Result<PresignedUrl> get(const PresignGet& request) const;
  Result<PresignedPost> post(const PresignPost& request) const;

 private:
  // The keys, and how long what they sign is good from `now` on: at most as asked for.
  struct Signer {
    sigv4::Credentials keys;
    seconds lifetime{0};
  };
  Result<Signer> signer(Timestamp now, seconds wanted) const;

  S3Client& client_;
};

}  // namespace tintype

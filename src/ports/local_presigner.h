// Presigned URLs of the stores whose objects the server itself answers, below
// `{public_url}/objects/{bucket}/`. Also what any store signs for the port's requests, so that the
// S3 adapter's URLs bind a client to exactly the same things.
#pragma once

#include <string>

#include "base/result.h"
#include "ports/object_store.h"
#include "signing/sigv4.h"

namespace tintype {

inline constexpr std::string_view kLocalRegion = "local";

// The headers that a presigned PUT signs beside host: content-type, content-length, and
// x-amz-checksum-sha256 when the hash was declared.
sigv4::NameValues headers_to_sign(const PresignPut& request);
// Those of them that the client sets by hand; Content-Length and Host set themselves.
sigv4::NameValues headers_to_send(const PresignPut& request);
// The signed query parameters that choose the headers of the answer.
sigv4::NameValues query_to_sign(const PresignGet& request);

struct LocalPresignerOptions {
  std::string public_url = "http://127.0.0.1:8080";  // what clients reach the server by
  std::string bucket = "images";
  sigv4::Credentials credentials{"tintype", "tintype-local-secret", {}};  // the server's own pair
};

// Thread-safe: it holds nothing but its options. Errors: `invalid` for a bad key or lifetime.
class LocalPresigner {
 public:
  explicit LocalPresigner(LocalPresignerOptions options);

  Result<PresignedUrl> put(const PresignPut& request) const;
  Result<PresignedUrl> get(const PresignGet& request) const;
  Result<PresignedPost> post(const PresignPost& request) const;

 private:
  std::string path_of(std::string_view key) const;

  LocalPresignerOptions options_;
  std::string scheme_and_host_;
  std::string bucket_path_;  // `/objects/{bucket}`, after the path of the public URL if it has one
};

}  // namespace tintype

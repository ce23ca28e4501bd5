// Makes, verifies and removes the bucket that S3ObjectStore works on: the object half of `tintype
// aws init` and `tintype aws destroy`.
//
// Every step looks first and changes only what differs, so that all may be repeated. Rules of CORS
// and lifecycle that somebody else has written stay. With `dry_run` nothing is changed. What a
// server has no notion of (MinIO knows no public access block, for instance) is reported, not an
// error. Errors: those of S3Client, with the setting to check where there is one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapters/aws/s3_client.h"

namespace tintype {

enum class BucketStepOutcome : std::uint8_t {
  present,       // was so already
  done,          // made or changed
  would_do,      // would be made or changed
  removed,       // our rule is no longer wished for
  would_remove,  // the same of a dry run
  unsupported,   // the server does not know it
};

struct BucketStep {
  std::string subject;  // `bucket images`, `CORS`, ...
  BucketStepOutcome outcome = BucketStepOutcome::present;
};

struct BucketWishes {
  std::vector<std::string> cors_origins;  // of the pages that upload and download; may be `*`
  int incoming_days = 2;   // after which objects below `incoming/` expire; at least 1
  int multipart_days = 1;  // after which unfinished multipart uploads do
};
// For uploads that may be completed for that long (the setting upload.expires_after): a day more,
// and at least 2.
int incoming_days_for(milliseconds expires_after);

Result<BucketStep> create_bucket(S3Client& client, bool dry_run = false);
// The bucket, then: public access block, encryption (AES256 unless there is one), lifecycle, CORS
// for PUT, POST, GET and HEAD where origins are wished for. Where none are, our rule of CORS goes;
// there is no step when there is none. `tell` hears of each step when it is done, those before an
// error too.
Result<void> provision_bucket(S3Client& client, const BucketWishes& wishes, bool dry_run,
                              const std::function<void(const BucketStep&)>& tell);

struct BucketRemoval {
  bool existed = false;
  std::uint64_t objects = 0;  // removed, or to be removed
};
// Removes every object and the bucket. Errors: also `conflict` with code `bucket_not_empty` when
// something remains that a listing does not show: versions, unfinished uploads.
Result<BucketRemoval> destroy_bucket(S3Client& client, bool dry_run);

}  // namespace tintype

// The one map from what S3 answers to what the caller should do: whether sending again helps (the
// Judge of AwsClient), and else which error of the port it is.
//
// Source: "List of error codes" of the Amazon S3 API reference, and what Ceph RGW and MinIO answer.
// The sentences are ours: S3's own messages may hold access keys and strings to sign. Whatever only
// an operator can mend (keys, policy, region, bucket, clock) is `unavailable` with a code of its
// own, so that clients come again and /readyz says why:
//   s3_bad_credentials, s3_access_denied, s3_no_bucket, s3_wrong_region, s3_clock_skew.
#pragma once

#include <string>

#include "adapters/aws/aws_client.h"
#include "adapters/aws/s3_xml.h"

namespace tintype {

// Whom the sentences speak of.
struct S3Place {
  std::string bucket;
  std::string region;
};

// S3's code for an answer, from its body; empty for answers without one, such as those to HEAD.
std::string s3_code(const HttpResponse& response);

// What to do about an answer. Every request that we send may be sent twice.
Verdict judge_s3(const HttpResponse& response);
// The same for CopyObject and DeleteObjects, whose 200 may hold errors.
Verdict judge_s3_copy(const HttpResponse& response);
Verdict judge_s3_delete(const HttpResponse& response);

// The error for an answer that is no success. Kinds: `not_found`; `stale` (a condition failed);
// `invalid` with `invalid_range` or `entity_too_large`; `storage_full`; `unavailable`; `internal`
// for what we should not have sent or do not understand.
Error s3_error(const HttpResponse& response, const S3Place& place);
// The error for a code within an answer that is otherwise a success.
Error s3_code_error(std::string_view code, const S3Place& place);

}  // namespace tintype

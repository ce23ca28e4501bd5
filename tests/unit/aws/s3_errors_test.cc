#include "adapters/aws/s3_errors.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

const S3Place kPlace{"images", "eu-central-1"};

HttpResponse with_code(int status, const std::string& code, const std::string& more = {}) {
  HttpResponse response;
  response.status = status;
  response.body = "<Error><Code>" + code +
                  "</Code><Message>key AKIASECRET</Message><AWSAccessKeyId>AKIASECRET"
                  "</AWSAccessKeyId><StringToSign>AKIASECRET</StringToSign>" +
                  more + "</Error>";
  return response;
}

HttpResponse bare(int status) {
  HttpResponse response;
  response.status = status;
  return response;
}

struct Case {
  HttpResponse response;
  Verdict verdict;
  ErrorKind kind;
  std::string code;
};

TEST(S3Errors, EachAnswerHasItsMeaning) {
  const auto busy = ErrorKind::unavailable;
  const std::vector<Case> cases{
      {with_code(503, "SlowDown"), Verdict::throttled, busy, "s3_busy"},
      {with_code(503, "ServiceUnavailable"), Verdict::throttled, busy, "s3_busy"},
      {with_code(503, "WhoKnows"), Verdict::throttled, busy, "s3_busy"},
      {bare(503), Verdict::throttled, busy, "s3_busy"},
      {bare(429), Verdict::throttled, busy, "s3_busy"},
      {with_code(500, "InternalError"), Verdict::again, busy, "s3_busy"},
      {bare(500), Verdict::again, busy, "s3_busy"},
      {bare(502), Verdict::again, busy, "s3_busy"},
      {bare(504), Verdict::again, busy, "s3_busy"},
      {with_code(400, "RequestTimeout"), Verdict::again, busy, "s3_busy"},
      {with_code(409, "OperationAborted"), Verdict::again, busy, "s3_busy"},
      {with_code(409, "ConditionalRequestConflict"), Verdict::again, busy, "s3_busy"},
      {with_code(403, "RequestTimeTooSkewed"), Verdict::skewed, busy, "s3_clock_skew"},
      {with_code(400, "ExpiredToken"), Verdict::expired, busy, "s3_bad_credentials"},
      {with_code(403, "InvalidAccessKeyId"), Verdict::final, busy, "s3_bad_credentials"},
      {with_code(403, "SignatureDoesNotMatch"), Verdict::final, busy, "s3_bad_credentials"},
      {with_code(400, "AuthorizationHeaderMalformed"), Verdict::final, busy, "s3_bad_credentials"},
      {with_code(403, "AccessDenied"), Verdict::final, busy, "s3_access_denied"},
      {with_code(403, "WhoKnows"), Verdict::final, busy, "s3_access_denied"},
      // Without a body a wrong clock and an expired token cannot be told from these.
      {bare(403), Verdict::skewed, busy, "s3_access_denied"},
      {bare(400), Verdict::expired, busy, "s3_bad_credentials"},
      {with_code(404, "NoSuchBucket"), Verdict::final, busy, "s3_no_bucket"},
      {with_code(404, "NoSuchKey"), Verdict::final, ErrorKind::not_found, "not_found"},
      {bare(404), Verdict::final, ErrorKind::not_found, "not_found"},
      {with_code(412, "PreconditionFailed"), Verdict::final, ErrorKind::stale, "revision_mismatch"},
      {bare(412), Verdict::final, ErrorKind::stale, "revision_mismatch"},
      {with_code(416, "InvalidRange"), Verdict::final, ErrorKind::invalid, "invalid_range"},
      {bare(416), Verdict::final, ErrorKind::invalid, "invalid_range"},
      {with_code(400, "EntityTooLarge"), Verdict::final, ErrorKind::invalid, "entity_too_large"},
      {with_code(403, "QuotaExceeded"), Verdict::final, ErrorKind::storage_full, "storage_full"},
      {with_code(507, "XMinioStorageFull"), Verdict::final, ErrorKind::storage_full,
       "storage_full"},
      {bare(301), Verdict::final, busy, "s3_wrong_region"},
      {bare(307), Verdict::final, busy, "s3_wrong_region"},
      {with_code(400, "MalformedXML"), Verdict::final, ErrorKind::internal, "internal"},
      {with_code(501, "NotImplemented"), Verdict::final, ErrorKind::internal, "internal"},
  };
  for (const Case& c : cases) {
    const auto name = std::to_string(c.response.status) + " " + s3_code(c.response);
    EXPECT_EQ(judge_s3(c.response), c.verdict) << name;
    const Error error = s3_error(c.response, kPlace);
    EXPECT_EQ(error.kind, c.kind) << name << ": " << error.detail;
    EXPECT_EQ(error.code, c.code) << name << ": " << error.detail;
    EXPECT_EQ(error.detail.find("AKIASECRET"), std::string::npos) << error.detail;
    EXPECT_FALSE(error.detail.empty());
  }
  EXPECT_EQ(judge_s3(bare(204)), Verdict::final);
}

TEST(S3Errors, AWrongRegionIsNamed) {
  const std::string sentence =
      "The bucket \"images\" is not in the region \"eu-central-1\" but in \"us-west-2\": set "
      "aws.region to that.";
  auto redirect = bare(301);
  redirect.headers = {{"x-amz-bucket-region", "us-west-2"}};
  EXPECT_EQ(s3_error(redirect, kPlace).detail, sentence);
  auto head = bare(400);  // what AWS answers to a HEAD that is signed for another region
  head.headers = redirect.headers;
  EXPECT_EQ(judge_s3(head), Verdict::final);
  EXPECT_EQ(s3_error(head, kPlace).detail, sentence);
  EXPECT_EQ(
      s3_error(with_code(400, "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>"), kPlace)
          .detail,
      sentence);
  redirect.headers = {{"x-amz-bucket-region", "\xff<script>"}};
  EXPECT_EQ(s3_error(redirect, kPlace).detail,
            "The bucket \"images\" is not in the region \"eu-central-1\" but in another one: set "
            "aws.region to the bucket's.");
}

TEST(S3Errors, A200MayHaveFailed) {
  EXPECT_EQ(judge_s3_copy(with_code(200, "SlowDown")), Verdict::throttled);
  EXPECT_EQ(judge_s3_copy(with_code(200, "InternalError")), Verdict::again);
  EXPECT_EQ(judge_s3_copy(with_code(200, "AccessDenied")), Verdict::final);
  EXPECT_EQ(judge_s3_copy(bare(200)), Verdict::again);
  EXPECT_EQ(judge_s3_copy(with_code(412, "PreconditionFailed")), Verdict::final);
  HttpResponse good;
  good.status = 200;
  good.body = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
  EXPECT_EQ(judge_s3_copy(good), Verdict::final);

  auto removal = [](const std::string& code) {
    HttpResponse response;
    response.status = 200;
    response.body = "<DeleteResult><Error><Code>" + code + "</Code></Error></DeleteResult>";
    return response;
  };
  EXPECT_EQ(judge_s3_delete(removal("SlowDown")), Verdict::throttled);
  EXPECT_EQ(judge_s3_delete(removal("AccessDenied")), Verdict::final);
  EXPECT_EQ(judge_s3_delete(removal("NoSuchKey")), Verdict::final);
  EXPECT_EQ(judge_s3_delete(bare(503)), Verdict::throttled);
  EXPECT_EQ(s3_code_error("AccessDenied", kPlace).code, "s3_access_denied");
}

}  // namespace
}  // namespace tintype

#include "adapters/aws/dynamodb_errors.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

namespace tintype::dynamodb {
namespace {

HttpResponse failed(int status, const std::string& name, const std::string& more = "") {
  HttpResponse response;
  response.status = status;
  response.body = R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name +
                  R"(","message":"why")" + more + "}";
  return response;
}

HttpResponse cancelled(const std::string& codes) {
  return failed(400, "TransactionCanceledException", R"(,"CancellationReasons":[)" + codes + "]");
}

std::string code(const std::string& name) { return R"({"Code":")" + name + R"("})"; }

TEST(DynamoDbErrors, NameAndMessageHaveTwoShapes) {
  const auto one = parse_failure(failed(400, "ValidationException").body);
  EXPECT_EQ(one.name, "ValidationException");
  EXPECT_EQ(one.message, "why");
  const auto two = parse_failure(R"({"__type":"SerializationException","Message":"How"})");
  EXPECT_EQ(two.name, "SerializationException");
  EXPECT_EQ(two.message, "How");
  for (const char* body : {"", "<html>", "[]", R"({"__type":7})"})
    EXPECT_EQ(parse_failure(body).name, "") << body;
}

TEST(DynamoDbErrors, AFailedConditionBringsTheItem) {
  const auto failure = parse_failure(
      failed(400, "ConditionalCheckFailedException", R"(,"Item":{"a":{"N":"1"}})").body);
  EXPECT_TRUE(failure.is_condition());
  EXPECT_EQ(failure.item, (Item{{"a", 1}}));
}

TEST(DynamoDbErrors, ReasonsStandInAMemberOrInTheMessage) {
  const auto member = parse_failure(
      cancelled(R"({"Code":"None"},{"Code":"ConditionalCheckFailed","Item":{"a":{"N":"1"}}},{})")
          .body);
  ASSERT_EQ(member.reasons.size(), 3u);
  EXPECT_EQ(member.reasons[0].code, "None");
  EXPECT_EQ(member.reasons[1].code, "ConditionalCheckFailed");
  EXPECT_EQ(member.reasons[1].item, (Item{{"a", 1}}));
  EXPECT_EQ(member.reasons[2].code, "None");
  const auto message = parse_failure(
      R"({"__type":"TransactionCanceledException","Message":"reasons [None, ConditionalCheckFailed]"})");
  ASSERT_EQ(message.reasons.size(), 2u);
  EXPECT_EQ(message.reasons[0].code, "None");
  EXPECT_EQ(message.reasons[1].code, "ConditionalCheckFailed");
  EXPECT_TRUE(message.is_refused_transaction());
}

struct Case {
  HttpResponse response;
  Verdict verdict;
};

TEST(DynamoDbErrors, EveryVerdict) {
  HttpResponse fine;
  fine.status = 200;
  fine.body = "{}";
  const Case cases[] = {
      {fine, Verdict::final},
      {failed(500, "InternalServerError"), Verdict::again},
      {failed(503, ""), Verdict::again},
      {failed(429, ""), Verdict::again},
      {failed(400, "InternalServerError"), Verdict::again},
      {failed(400, "TransactionInProgressException"), Verdict::again},
      {failed(400, "TransactionConflictException"), Verdict::again},
      {failed(400, "ProvisionedThroughputExceededException"), Verdict::throttled},
      {failed(400, "ThrottlingException"), Verdict::throttled},
      {failed(400, "RequestLimitExceeded"), Verdict::throttled},
      {failed(400, "ExpiredTokenException"), Verdict::expired},
      {failed(400, "InvalidSignatureException"), Verdict::skewed},
      {failed(400, "ConditionalCheckFailedException"), Verdict::final},
      {failed(400, "ValidationException"), Verdict::final},
      {failed(400, "AccessDeniedException"), Verdict::final},
      {cancelled(code("None") + "," + code("TransactionConflict")), Verdict::again},
      {cancelled(code("ThrottlingError") + "," + code("ProvisionedThroughputExceeded")),
       Verdict::again},
      {cancelled(code("TransactionConflict") + "," + code("ConditionalCheckFailed")),
       Verdict::final},
      {cancelled(code("ValidationError")), Verdict::final},
  };
  for (const auto& [response, verdict] : cases)
    EXPECT_EQ(judge(response), verdict) << response.status << " " << response.body;
}

TEST(DynamoDbErrors, OnlyAFailedConditionRefusesATransaction) {
  EXPECT_TRUE(parse_failure(cancelled(code("None") + "," + code("ConditionalCheckFailed")).body)
                  .is_refused_transaction());
  // A defect of ours, which must not read as "somebody else was faster".
  const auto invalid = cancelled(code("None") + "," + code("ValidationError"));
  EXPECT_FALSE(parse_failure(invalid.body).is_refused_transaction());
  EXPECT_TRUE(to_error(invalid, "t").is(ErrorKind::internal));
  EXPECT_NE(to_error(invalid, "t").detail.find("ValidationError"), std::string::npos);
  const auto conflict = cancelled(code("TransactionConflict"));
  EXPECT_FALSE(parse_failure(conflict.body).is_refused_transaction());
  EXPECT_TRUE(to_error(conflict, "t").is(ErrorKind::unavailable));
}

TEST(DynamoDbErrors, TheChecksumCoversTheBody) {
  HttpResponse response;
  response.status = 200;
  response.body = R"({"Item":{}})";
  const auto sum = libdeflate_crc32(0, response.body.data(), response.body.size());
  response.headers = {{"x-amz-crc32", std::to_string(sum)}};
  EXPECT_TRUE(is_intact(response));
  EXPECT_EQ(judge(response), Verdict::final);
  response.body.back() = ' ';
  EXPECT_FALSE(is_intact(response));
  EXPECT_EQ(judge(response), Verdict::again);
  response.headers.emplace_back("content-encoding", "gzip");  // a sum of other bytes
  EXPECT_TRUE(is_intact(response));
}

TEST(DynamoDbErrors, SaysToWhomItMatters) {
  EXPECT_TRUE(to_error(failed(400, "ResourceNotFoundException"), "t").is("aws_table_missing"));
  for (const char* name : {"UnrecognizedClientException", "AccessDeniedException",
                           "ExpiredTokenException", "InvalidSignatureException"}) {
    const auto error = to_error(failed(400, name), "t");
    EXPECT_TRUE(error.is(ErrorKind::unavailable) && error.is("aws_credentials")) << name;
  }
  for (int status : {500, 503, 429})
    EXPECT_TRUE(to_error(failed(status, ""), "t").is(ErrorKind::unavailable)) << status;
  EXPECT_TRUE(to_error(failed(500, ""), "t").is_for_operator());
  EXPECT_TRUE(to_error(failed(400, "ThrottlingException"), "t").is(ErrorKind::unavailable));
  EXPECT_TRUE(to_error(failed(400, "ValidationException"), "t").is(ErrorKind::internal));
}

}  // namespace
}  // namespace tintype::dynamodb

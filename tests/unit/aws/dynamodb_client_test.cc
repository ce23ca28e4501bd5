// dynamodb::Client against a server that fails in every way that DynamoDB does.
#include "adapters/aws/dynamodb_client.h"

#include <algorithm>

#include "dynamodb_fixture.h"

namespace tintype::testing {
namespace {

using namespace dynamodb;

// A server that answers one after the other, and repeats the last.
struct Script {
  explicit Script(std::vector<std::string> given, ClientOptions options = {})
      : answers(std::move(given)),
        server([this](const FakeRequest&) {
          return answers[std::min<std::size_t>(next++, answers.size() - 1)];
        }),
        process(server.url(), clock, true, options),
        client(process.client) {}

  std::vector<std::string> answers;
  std::atomic<std::size_t> next{0};
  SetClock clock;
  FakeHttpServer server;
  DynamoDbProcess process;
  Client& client;
};

std::string failure(const std::string& name) {
  return answer(400, R"({"__type":"x#)" + name + R"(","message":"m"})");
}
const std::string kRefused = failure("ConditionalCheckFailedException");
const std::string kFine = answer(200, "{}");

TEST(DynamoDbClient, SignsAndNamesTheOperation) {
  Script script({answer(200, R"({"Item":{"a":{"N":"1"}}})")});
  EXPECT_EQ(script.client.get("t", {{"id", "1"}}).value(), (Item{{"a", 1}}));
  const auto request = script.server.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.header("x-amz-target"), "DynamoDB_20120810.GetItem");
  EXPECT_EQ(request.header("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(request.header("accept-encoding"), "identity");
  EXPECT_NE(request.header("authorization").find("/us-east-1/dynamodb/aws4_request"),
            std::string::npos);
}

TEST(DynamoDbClient, NothingIsNotAnError) {
  Script script({kFine});
  EXPECT_EQ(script.client.get("t", {{"id", "1"}}).value(), std::nullopt);
}

TEST(DynamoDbClient, SendsAgainWhatHelps) {
  Script script({"", failure("ThrottlingException"), answer(500, "{}"), kFine});
  const auto outcome = script.client.write(Put{"t", {{"id", "1"}}, {}, {}});
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->done && outcome->repeated);
  EXPECT_EQ(script.next, 4u);
}

TEST(DynamoDbClient, GivesUpWithTheLastError) {
  Script throttled({failure("ThrottlingException")});
  EXPECT_TRUE(throttled.client.get("t", {{"id", "1"}}).error().is(ErrorKind::unavailable));
  EXPECT_EQ(throttled.next, 4u);
  Script missing({failure("ResourceNotFoundException")});
  EXPECT_TRUE(missing.client.get("t", {{"id", "1"}}).error().is("aws_table_missing"));
  EXPECT_EQ(missing.next, 1u);
}

TEST(DynamoDbClient, AServerThatStaysSilentIsUnavailable) {
  FakeHttpServer* fake = nullptr;
  FakeHttpServer server([&fake](const FakeRequest&) {
    fake->hang();
    return std::string();
  });
  fake = &server;
  SetClock clock;
  ClientOptions options;
  options.request_timeout = milliseconds(200);
  DynamoDbProcess process(server.url(), clock, true, options);
  const auto found = process.client.get("t", {{"id", "1"}});
  ASSERT_FALSE(found.ok());
  const Error& error = found.error();
  EXPECT_TRUE(error.is(ErrorKind::unavailable) && error.is("aws_unreachable")) << error.code;
  EXPECT_NE(error.detail.find("dynamodb.endpoint"), std::string::npos) << error.detail;
}

TEST(DynamoDbClient, ARefusalSaysWhetherAnEarlierAttemptMayHaveDoneIt) {
  Script first({kRefused});
  auto outcome = first.client.write(Put{"t", {{"id", "1"}}, "c", {}});
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->done || outcome->repeated);
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_TRUE(outcome->refusals[0].failed);
  Script second({"", kRefused});
  outcome = second.client.write(Put{"t", {{"id", "1"}}, "c", {}});
  EXPECT_TRUE(!outcome->done && outcome->repeated);
}

TEST(DynamoDbClient, ATransactionKeepsItsTokenAndSaysWhichConditionFailed) {
  const auto conflict = answer(400, R"({"__type":"TransactionCanceledException","message":"m",)"
                                    R"("CancellationReasons":[{"Code":"TransactionConflict"}]})");
  const auto refused = answer(400, R"({"__type":"TransactionCanceledException","message":"m",)"
                                   R"("CancellationReasons":[{"Code":"None"},)"
                                   R"({"Code":"ConditionalCheckFailed","Item":{"a":{"N":"1"}}}]})");
  Script script({conflict, refused});
  const Write put = Put{"t", {{"id", "1"}}, {}, {}};
  const auto outcome = script.client.transact({put, put});
  ASSERT_TRUE(outcome.ok());
  ASSERT_EQ(outcome->refusals.size(), 2u);
  EXPECT_FALSE(outcome->refusals[0].failed);
  EXPECT_TRUE(outcome->refusals[1].failed);
  EXPECT_EQ(outcome->refusals[1].item, (Item{{"a", 1}}));
  const auto requests = script.server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].body, requests[1].body);
}

TEST(DynamoDbClient, AnInvalidTransactionIsADefectAndNoRefusal) {
  Script script({answer(400, R"({"__type":"TransactionCanceledException","message":"m",)"
                             R"("CancellationReasons":[{"Code":"ValidationError"}]})")});
  const Write put = Put{"t", {{"id", "1"}}, {}, {}};
  const auto outcome = script.client.transact({put, put});
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(outcome.error().is(ErrorKind::internal));
}

TEST(DynamoDbClient, AnAnswerThatStaysDamagedIsNoAnswer) {
  Script script({answer(200, R"({"Item":{"a":{"N":"1"}}})", "x-amz-crc32: 1\r\n")});
  const auto item = script.client.get("t", {{"id", "1"}});
  ASSERT_FALSE(item.ok());
  EXPECT_TRUE(item.error().is(ErrorKind::unavailable));
  EXPECT_EQ(script.next, 4u);
}

TEST(DynamoDbClient, UnreadableAnswersAreInternalErrors) {
  Script script({answer(200, "<html>")});
  EXPECT_TRUE(script.client.get("t", {{"id", "1"}}).error().is(ErrorKind::internal));
}

TEST(DynamoDbClient, PagesSayWhereTheNextOneStarts) {
  Script script({answer(200, R"({"Items":[],"LastEvaluatedKey":{"id":{"S":"7"}}})"), kFine});
  Query query{.table = "t", .key_condition = "x"};
  EXPECT_EQ(script.client.query(query)->last_key, (Item{{"id", "7"}}));
  EXPECT_EQ(script.client.query(query)->last_key, std::nullopt);
}

TEST(DynamoDbClient, BatchesAreFollowedUp) {
  DynamoDbWorld world;
  world.fake.most_in_batch_get = 40;
  std::vector<Item> keys;
  for (int i = 0; i < 150; ++i) {
    keys.push_back({{"key", "k" + std::to_string(i)}});
    if (i % 2 == 0) world.fake.put("image_ledger", keys.back());
  }
  const auto found = world.process.client.batch_get("image_ledger", keys);
  ASSERT_TRUE(found.ok()) << found.error().detail;
  EXPECT_EQ(found->size(), 75u);
}

// What was taken is not sent again, so that each attempt gets nearer to the end.
TEST(DynamoDbClient, OnlyWhatWasLeftOverIsWrittenAgain) {
  DynamoDbWorld world;
  world.fake.most_in_batch_write = 7;  // of 25: four attempts
  std::vector<Write> writes;
  for (int i = 0; i < 30; ++i)
    writes.emplace_back(Put{"image_ledger", {{"key", "k" + std::to_string(i)}}, {}, {}});
  const auto done = world.process.client.batch_write(writes);
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_EQ(world.fake.items("image_ledger").size(), 30u);
  EXPECT_EQ(world.fake.calls(), 5);
}

TEST(DynamoDbClient, ABatchThatIsNeverTakenEnds) {
  Script script({answer(200, R"({"UnprocessedItems":{"t":[{"PutRequest":{"Item":{}}}]}})")});
  EXPECT_TRUE(script.client.batch_write({Put{"t", {{"id", "1"}}, {}, {}}})
                  .error()
                  .is(ErrorKind::unavailable));
  Script keys({answer(200, R"({"UnprocessedKeys":{"t":{"Keys":[{"id":{"S":"1"}}]}}})")});
  EXPECT_TRUE(keys.client.batch_get("t", {{{"id", "1"}}}).error().is(ErrorKind::unavailable));
}

TEST(DynamoDbClient, NoKeysAndNoWritesAreNoRequests) {
  Script script({kFine});
  EXPECT_TRUE(script.client.batch_get("t", {})->empty());
  EXPECT_TRUE(script.client.batch_write({}).ok());
  EXPECT_EQ(script.next, 0u);
}

TEST(DynamoDbClient, CountsCapacityWhenAsked) {
  const auto one = answer(200, R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":1.5}})");
  const auto two = answer(200, R"({"ConsumedCapacity":[{"CapacityUnits":2},{"CapacityUnits":3}]})");
  Script script({one, two}, {.count_capacity = true});
  (void)script.client.get("t", {{"id", "1"}});
  (void)script.client.batch_write({Put{"t", {{"id", "1"}}, {}, {}}});
  EXPECT_EQ(script.client.capacity(), 6.5);
  for (const auto& request : script.server.requests())
    EXPECT_NE(request.body.find(R"("ReturnConsumedCapacity":"TOTAL")"), std::string::npos);
}

}  // namespace
}  // namespace tintype::testing

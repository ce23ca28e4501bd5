#include "adapters/aws/aws_client.h"

#include "dynamodb_fixture.h"
#include "s3_fixture.h"

namespace tintype::testing {
namespace {

// A server that answers by number, 401 for a wrong time and 403 for old keys.
struct AwsWorld {
  explicit AwsWorld(std::function<std::string(int)> answers)
      : server([this, answers](const FakeRequest&) { return answers(served++); }),
        client(dynamodb_options(server.url()), credentials, clock, random) {}

  Result<AwsAnswer> send(Deadline deadline = deadline_in(seconds(10))) {
    AwsRequest request;
    request.method = "POST";
    request.body = "{}";
    request.deadline = deadline;
    return client.send(request, [](const HttpResponse& response) {
      switch (response.status) {
        case 401: return Verdict::skewed;
        case 403: return Verdict::expired;
        case 429: return Verdict::throttled;
        case 500: return Verdict::again;
        default: return Verdict::final;
      }
    });
  }
  std::string date_of(std::size_t request) const {
    return server.requests().at(request).header("x-amz-date");
  }

  std::atomic<int> served{0};
  FakeHttpServer server;
  EndingCredentials credentials;
  SetClock clock;
  SystemRandom random;
  AwsClient client;
};

std::string wrong_time(Timestamp theirs) {
  return answer(401, "", "Date: " + format_http_date(theirs) + "\r\n");
}

TEST(AwsClient, CorrectsTheClockOnceForAllThatFollow) {
  const Timestamp theirs = kTestEpoch + std::chrono::minutes(20);
  AwsWorld world([&](int n) { return n == 0 ? wrong_time(theirs) : answer(200, ""); });
  EXPECT_EQ(world.send()->attempts, 2);
  EXPECT_EQ(world.date_of(0), format_amz_date(kTestEpoch));
  EXPECT_EQ(world.date_of(1), format_amz_date(theirs));
  EXPECT_EQ(world.send()->attempts, 1);
  EXPECT_EQ(world.date_of(2), format_amz_date(theirs));
  EXPECT_EQ(world.client.now(), theirs);
}

TEST(AwsClient, AWrongSignatureWithTheRightTimeIsFinal) {
  for (const std::string& refusal : {wrong_time(kTestEpoch + seconds(30)), answer(401, "")}) {
    AwsWorld world([&](int) { return refusal; });
    const auto done = world.send();
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(done->response.status, 401);
    EXPECT_EQ(done->attempts, 1);
  }
}

TEST(AwsClient, AClockThatStaysWrongIsCorrectedOnlyOnce) {
  const Timestamp theirs = kTestEpoch - std::chrono::hours(2);
  AwsWorld world([&](int) { return wrong_time(theirs); });
  EXPECT_EQ(world.send()->attempts, 2);
}

TEST(AwsClient, ExpiredKeysAreRenewedOnce) {
  AwsWorld world([](int n) { return answer(n == 0 ? 403 : 200, ""); });
  world.credentials.next = AwsCredentials{{"AKIDNEXT", "secret", {}}, {}};
  EXPECT_EQ(world.send()->response.status, 200);
  EXPECT_EQ(world.credentials.forgotten, 1);
  EXPECT_NE(world.server.requests()[1].header("authorization").find("AKIDNEXT"), std::string::npos);
  AwsWorld always([](int) { return answer(403, ""); });
  EXPECT_EQ(always.send()->response.status, 403);
  EXPECT_EQ(always.credentials.forgotten, 1);
  EXPECT_EQ(always.served, 2);
}

TEST(AwsClient, EachAttemptIsSignedAnewAndCounted) {
  AwsWorld world([](int n) { return n < 2 ? answer(500, "") : answer(200, ""); });
  EXPECT_EQ(world.send()->attempts, 3);
  EXPECT_EQ(world.client.requests_sent(), 3u);
}

// The write whose answer was lost may have been sent again below us.
TEST(AwsClient, ARequestSentAgainByTheTransportCountsAsAnAttempt) {
  AwsWorld world([](int n) { return n == 1 ? std::string() : answer(200, ""); });
  EXPECT_EQ(world.send()->attempts, 1);
  EXPECT_EQ(world.send()->attempts, 2);
  EXPECT_EQ(world.server.requests().size(), 3u);
}

TEST(AwsClient, AttemptsEndWithTheLastAnswerOrError) {
  AwsWorld failing([](int) { return answer(500, ""); });
  EXPECT_EQ(failing.send()->response.status, 500);
  EXPECT_EQ(failing.served, 4);
  AwsWorld silent([](int) { return std::string(); });
  EXPECT_TRUE(silent.send().error().is(ErrorKind::unavailable));
}

TEST(AwsClient, TheDeadlineHoldsForAllAttemptsTogether) {
  AwsWorld world([](int) { return answer(429, ""); });
  AwsClientOptions options = dynamodb_options(world.server.url());
  options.retry = {.attempts = 1000, .base = milliseconds(20), .throttled_base = milliseconds(20)};
  AwsClient client(options, world.credentials, world.clock, world.random);
  AwsRequest request;
  request.method = "POST";
  const auto start = std::chrono::steady_clock::now();
  request.deadline = start + milliseconds(150);
  const auto done = client.send(request, [](const HttpResponse&) { return Verdict::throttled; });
  EXPECT_TRUE(done.ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
  EXPECT_LT(world.served, 1000);
}

TEST(AwsClient, ASlowServerDoesNotHoldUpTheDeadline) {
  FakeHttpServer* itself = nullptr;
  AwsWorld world([&](int) {
    itself->hang(3000);
    return answer(200, "");
  });
  itself = &world.server;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(world.send(deadline_in(milliseconds(100))).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1500));
}

}  // namespace
}  // namespace tintype::testing

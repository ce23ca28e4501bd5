#include "fronts/lambda/runtime.h"

#include <gtest/gtest.h>

#include <atomic>

#include "support/fake_http_server.h"

namespace tintype {
namespace {

using namespace testing;

// Gives the invocations that a test lists, then says that the environment is broken.
class FakeRuntime {
 public:
  std::vector<std::string> nexts;  // raw answers of `next`
  std::atomic<std::size_t> given{0};
  std::function<std::string(const FakeRequest&)> on_post = [](const FakeRequest&) {
    return testing::answer(202, "{}");
  };
  FakeHttpServer server{[this](const FakeRequest& request) {
    if (request.method == "POST") return on_post(request);
    auto at = given++;
    return at < nexts.size() ? nexts[at] : testing::answer(500, "");
  }};

  std::string address() const { return "127.0.0.1:" + std::to_string(server.port()); }
  std::vector<FakeRequest> posts() const {
    auto all = server.requests();
    std::erase_if(all, [](const FakeRequest& request) { return request.method != "POST"; });
    return all;
  }
};

std::string event(const std::string& id, std::string_view body, std::string_view more = {}) {
  return testing::answer(200, body,
                         "Lambda-Runtime-Aws-Request-Id: " + id + "\r\n" + std::string(more));
}

Error run(FakeRuntime& fake, const InvocationHandler& handler) {
  return run_invocations(RuntimeApi(fake.address()), handler);
}

FunctionAnswer echo(const Invocation& invocation) { return invocation.event; }

TEST(Runtime, EventsAreAnsweredOneAfterTheOther) {
  FakeRuntime fake;
  fake.nexts = {event("a", "{\"x\":1}"), event("b", "2")};
  auto end = run(fake, echo);
  EXPECT_NE(end.detail.find("500"), std::string::npos);
  auto posts = fake.posts();
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/a/response");
  EXPECT_EQ(posts[0].body, "{\"x\":1}");
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/b/response");
  EXPECT_EQ(fake.server.connections(), 1);
}

TEST(Runtime, ErrorsAreReportedInTheShapeOfTheApi) {
  FakeRuntime fake;
  fake.nexts = {event("a", "{}")};
  (void)run(fake, [](const Invocation&) {
    return FunctionError{"Function.UnknownEvent", "No \"such\"."};
  });
  auto posts = fake.posts();
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/a/error");
  EXPECT_EQ(posts[0].header("Lambda-Runtime-Function-Error-Type"), "Function.UnknownEvent");
  EXPECT_EQ(
      posts[0].body,
      R"({"errorMessage":"No \"such\".","errorType":"Function.UnknownEvent","stackTrace":[]})");
}

TEST(Runtime, WhatAHandlerThrowsEndsItsInvocationAlone) {
  FakeRuntime fake;
  fake.nexts = {event("a", "{}"), event("b", "{}")};
  (void)run(fake, [](const Invocation& invocation) -> FunctionAnswer {
    if (invocation.request_id == "a") throw std::bad_alloc();
    return "1";
  });
  auto posts = fake.posts();
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_TRUE(posts[0].target.ends_with("/a/error"));
  EXPECT_TRUE(posts[1].target.ends_with("/b/response"));
}

TEST(Runtime, AClosedConnectionIsMadeAnew) {
  FakeRuntime fake;
  fake.nexts = {event("a", "{}", "Connection: close\r\n"), "",
                event("b", "{}", "Connection: close\r\n")};
  std::atomic<int> posts{0};
  fake.on_post = [&](const FakeRequest&) {
    return ++posts == 1 ? std::string() : testing::answer(202, "", "Connection: close\r\n");
  };
  (void)run(fake, echo);
  auto sent = fake.posts();
  ASSERT_GE(sent.size(), 3u);
  EXPECT_TRUE(sent[0].target.ends_with("/a/response"));
  EXPECT_TRUE(sent[1].target.ends_with("/a/response"));  // the first was lost
  EXPECT_TRUE(sent.back().target.ends_with("/b/response"));
}

TEST(Runtime, ARefusedAnswerEndsNothing) {
  FakeRuntime fake;
  fake.nexts = {event("a", "{}"), event("b", "{}")};
  fake.on_post = [](const FakeRequest& request) {
    return testing::answer(request.target.ends_with("a/response") ? 413 : 202, "");
  };
  (void)run(fake, echo);
  auto posts = fake.posts();
  ASSERT_EQ(posts.size(), 3u);
  EXPECT_TRUE(posts[1].target.ends_with("/a/error"));
  EXPECT_EQ(posts[1].header("Lambda-Runtime-Function-Error-Type"), "Function.AnswerTooLarge");
  EXPECT_TRUE(posts[2].target.ends_with("/b/response"));
}

TEST(Runtime, TheTraceIdIsThatOfTheInvocation) {
  FakeRuntime fake;
  fake.nexts = {event("a", "{}", "Lambda-Runtime-Trace-Id: Root=1-2-3\r\n"), event("b", "{}")};
  std::vector<std::string> seen;
  (void)run(fake, [&](const Invocation&) {
    const char* id = std::getenv("_X_AMZN_TRACE_ID");
    seen.push_back(id ? id : "none");
    return "1";
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"Root=1-2-3", "none"}));
}

TEST(Runtime, GoneMeansTheEnd) {
  auto end = run_invocations(RuntimeApi("127.0.0.1:1"), echo);
  EXPECT_TRUE(end.is(ErrorKind::unavailable));
}

TEST(Runtime, InitErrors) {
  FakeRuntime fake;
  EXPECT_TRUE(RuntimeApi(fake.address()).report_init({"Runtime.StartFailed", "no"}).ok());
  EXPECT_EQ(fake.posts().at(0).target, "/2018-06-01/runtime/init/error");
}

TEST(Runtime, TheDeadlineIsThatOfTheSteadyClock) {
  auto left = [](std::string value) {
    HttpResponse response;
    response.headers = {{"lambda-runtime-aws-request-id", "a"},
                        {"lambda-runtime-deadline-ms", value}};
    auto deadline = read_invocation(response, Timestamp(milliseconds(1'000'000)))->deadline;
    if (deadline == Deadline::max()) return -1.0;
    return std::chrono::duration<double>(deadline - std::chrono::steady_clock::now()).count();
  };
  EXPECT_NEAR(left("1030000"), 30, 1);
  EXPECT_NEAR(left("900000"), 0, 1);
  EXPECT_EQ(left(""), -1);
  EXPECT_EQ(left("soon"), -1);
  EXPECT_NEAR(left("9223372036854775807"), 86400, 1);
  EXPECT_NEAR(left("-9223372036854775808"), 0, 1);
}

TEST(Runtime, AnInvocationNeedsItsId) {
  EXPECT_FALSE(read_invocation(HttpResponse{}, Timestamp()).ok());
}

}  // namespace
}  // namespace tintype

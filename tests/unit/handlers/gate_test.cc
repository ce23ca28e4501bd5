#include <gtest/gtest.h>

#include "handlers/authenticate.h"
#include "handlers/routes.h"
#include "support/api_world.h"

namespace tintype::testing {
namespace {

TEST(Gate, PathsAndMethods) {
  ApiWorld world;
  EXPECT_EQ(world.get("/nothing").status, 404);
  EXPECT_EQ(world.get("/images/").status, 404);
  EXPECT_EQ(world.get("//images").status, 404);
  auto wrong = world.send({"PUT", "/images", "x", {}});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_TRUE(wrong.close);
  EXPECT_EQ(world.send({"HEAD", "/healthz", "", {}}).status, 200);
  EXPECT_EQ(world.send({"BREW", "/healthz", "", {}}).status, 405);
}

TEST(Gate, AWordSearchNeverRunsOnTheThreadOfConnections) {
  auto list = match_route(route_table(), Method::get, "/images").route;
  auto cost = [&](std::string_view query) {
    Request request;
    request.raw_query = query;
    return list->cost_of(request);
  };
  EXPECT_EQ(cost("user_id=ann&tags=sea"), CostClass::inline_);
  for (auto query : {"q=sea", "%71=sea", "limit=1&%71=sea", "tags=a,b", "tags=a%2Cb"})
    EXPECT_EQ(cost(query), CostClass::blocking) << query;
}

TEST(Gate, RequestIds) {
  ApiWorld world;
  auto given = world.send({"GET", "/healthz", "", {{"X-Request-Id", "abc-1_2.3"}}});
  EXPECT_EQ(given.header("X-Request-Id"), "abc-1_2.3");
  for (std::string bad : {"", "a b", "a\"b"}) {
    auto made = world.send({"GET", "/healthz", "", {{"X-Request-Id", bad}}});
    EXPECT_NE(made.header("X-Request-Id"), bad);
    EXPECT_FALSE(made.header("X-Request-Id").empty());
  }
  EXPECT_NE(world.get("/healthz").header("X-Request-Id"),
            world.get("/healthz").header("X-Request-Id"));
}

TEST(Gate, BodiesThatDoNotFit) {
  ApiWorld world;
  EXPECT_EQ(world.send({"GET", "/healthz", "body", {}}).code(), "unexpected_body");
  EXPECT_EQ(
      world
          .send({"POST", "/images", "a=b", {{"Content-Type", "application/x-www-form-urlencoded"}}})
          .status,
      415);
  EXPECT_EQ(world.send({"POST", "/images/batch", "x", {}}).status, 415);
  auto large = world.post("/images", std::string(2 << 20, ' '));
  EXPECT_EQ(large.status, 413);
  EXPECT_TRUE(large.close);
  EXPECT_EQ(world.post("/images", "{}", {{"Accept", "image/png"}}).status, 406);
  EXPECT_EQ(world.post("/images", "{}", {{"Accept", "text/html, */*;q=0.1"}}).status, 400);
  EXPECT_EQ(world.post("/images", "{}", {{"Accept", "Application/JSON"}}).status, 400);
}

TEST(Gate, Cors) {
  ApiWorld world;
  EXPECT_EQ(world.send({"GET", "/healthz", "", {{"Origin", "https://a.example"}}})
                .header("Access-Control-Allow-Origin"),
            "");
  world.api_context.config.cors_origins = {"https://a.example"};
  auto preflight = world.send({"OPTIONS",
                               "/images",
                               "",
                               {{"Origin", "https://a.example"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "content-type"}}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(preflight.header("Access-Control-Allow-Headers"), "content-type");
  EXPECT_NE(preflight.header("Access-Control-Allow-Methods").find("POST"), std::string::npos);
  auto other = world.send({"GET", "/healthz", "", {{"Origin", "https://b.example"}}});
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(other.header("Vary"), "Origin");
  world.api_context.config.cors_origins = {"*"};
  EXPECT_EQ(world.send({"GET", "/healthz", "", {{"Origin", "https://b.example"}}})
                .header("Access-Control-Allow-Origin"),
            "*");
}

TEST(Gate, Refusals) {
  ApiWorld world;
  Request request;
  request.request_id = "r1";
  request.raw_path = "/images";
  auto slow = world.api.refuse(request, 408, "request_timeout", "Too slow.");
  EXPECT_EQ(slow.status, 408);
  EXPECT_TRUE(slow.close);
  request.raw_path = "/objects/b/k";
  for (int status : {400, 408, 411, 413, 500, 503}) {
    auto refusal = world.api.refuse(request, status, "x", "y");
    EXPECT_NE(std::get<std::string>(refusal.body).find("<Code>"), std::string::npos);
  }
}

TEST(Gate, AModeThatCannotTellWhoCallsLetsNobodyIn) {
  ApiWorld world;
  world.api_context.config.authentication = AuthenticationMode::keys;
  auto answer = world.get("/images");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(world.get("/healthz").status, 200);
}

TEST(Gate, ACallerActsForItselfAlone) {
  EXPECT_EQ(*acting_user({"ann", false}, std::nullopt), "ann");
  EXPECT_EQ(*acting_user({"ann", false}, "ann"), "ann");
  EXPECT_TRUE(acting_user({"ann", false}, "bob").error().is(ErrorKind::forbidden));
  EXPECT_EQ(*acting_user({"ann", true}, "bob"), "bob");
  EXPECT_EQ(*acting_user({"", true}, std::nullopt), "anonymous");
}

TEST(Gate, InternalDetailsStayInside) {
  ApiWorld world;
  world.metadata.fail_at(1, internal_error("the disk at /secret is broken"));
  auto answer = world.get("/images");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(answer.text("request_id"), answer.header("X-Request-Id"));
}

TEST(Gate, WhatTheOperatorHasToMendStaysInside) {
  ApiWorld world;
  world.metadata.fail_at(1, {ErrorKind::unavailable, "aws_credentials", "no keys in /secret", {}});
  auto answer = world.get("/images");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.text("code"), "unavailable");
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

TEST(Gate, EveryStoreErrorHasItsStatus) {
  ApiWorld world;
  auto image = world.create_active();
  std::vector<std::pair<Error, int>> cases = {
      {unavailable_error("x"), 503}, {storage_full_error("x"), 507}, {timeout_error("x"), 504}};
  for (auto& [error, status] : cases) {
    world.metadata.fail_at(1, error);
    EXPECT_EQ(world.get(ApiWorld::path(image)).status, status);
  }
  world.metadata.fail_at(1, unavailable_error("x"));
  EXPECT_EQ(world.get(ApiWorld::path(image)).header("Retry-After"), "1");
}

}  // namespace
}  // namespace tintype::testing

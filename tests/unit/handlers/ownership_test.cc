// To somebody else's callers an image is not there.
#include <gtest/gtest.h>

#include "handlers/routes.h"
#include "support/api_world.h"

namespace tintype {
namespace {

using namespace testing;

const VerifiedClaims kOwner{"ann", {}};
const VerifiedClaims kStranger{"mallory", {}};
const VerifiedClaims kAdmin{"root", "admin"};

class OwnershipTest : public ::testing::Test {
 protected:
  Sent sent(std::string method, const std::string& target, const VerifiedClaims& claims) {
    Sent out{std::move(method), target, "", {}, 4096, claims};
    if (out.method != "GET" && out.method != "DELETE") {
      out.body = "{}";
      out.headers = {{"Content-Type", "application/json"}};
    }
    return out;
  }
  Answer batch(const std::string& op, const ImageMetadata& image, const VerifiedClaims& claims) {
    auto request = sent("POST", "/images/batch", claims);
    request.body = R"({"operations":[{"op":")" + op + R"(","image_id":")" +
                   image.image_id.to_string() + R"("}]})";
    return world_.send(request);
  }
  static std::int64_t result(const Answer& answer) {
    return answer.json().at("results").at(0).at("status").as_int64();
  }
  // A request to each route that names an image and asks for a scope.
  void each_route(const std::function<void(const Route&, const std::string& target)>& use,
                  const ImageMetadata& image) {
    for (const Route& route : route_table()) {
      std::string target(route.pattern);
      const auto at = target.find("{image_id}");
      if (at == std::string::npos || route.scope == Scope::none) continue;
      use(route, target.replace(at, 10, image.image_id.to_string()));
    }
  }

  ApiWorld world_;
};

TEST_F(OwnershipTest, ForStrangersAnImageIsNotThere) {
  const auto active = world_.create_active();
  const auto waiting = world_.create_and_put();
  const auto deleted = world_.create_active("other");
  ASSERT_EQ(world_.remove("/images/" + deleted.image_id.to_string()).status, 200);
  int routes = 0;
  for (const auto& image : {active, waiting, deleted}) {
    const auto before = world_.memory_metadata.get(image.image_id).value();
    each_route(
        [&](const Route& route, const std::string& target) {
          const std::string method(method_name(route.method));
          EXPECT_EQ(world_.send(sent(method, target, kStranger)).status, 404)
              << method << " " << target;
          ++routes;
        },
        image);
    EXPECT_EQ(world_.memory_metadata.get(image.image_id)->revision, before.revision);
  }
  EXPECT_EQ(routes, 3 * 6);
}

TEST_F(OwnershipTest, ABatchIsNoWayAroundIt) {
  const auto active = world_.create_active();
  const auto waiting = world_.create_and_put();
  for (const std::string op : {"get", "update", "delete", "restore", "complete"})
    for (const auto& image : {active, waiting}) {
      EXPECT_EQ(result(batch(op, image, kStranger)), 404) << op;
      EXPECT_NE(result(batch(op, image, kOwner)), 404) << op;
    }
}

TEST_F(OwnershipTest, OwnersAndAdministratorsHaveIt) {
  for (const auto& claims : {kOwner, kAdmin}) {
    const auto image = world_.create_active();
    each_route(
        [&](const Route& route, const std::string& target) {
          const std::string method(method_name(route.method));
          EXPECT_NE(world_.send(sent(method, target, claims)).status, 404) << method << target;
        },
        image);
  }
}

TEST_F(OwnershipTest, AReplayNeedsNoImage) {
  const auto image = world_.create_and_put();
  const std::string target = "/images/" + image.image_id.to_string();
  auto complete = sent("POST", target + "/complete", kOwner);
  complete.headers.emplace_back("Idempotency-Key", "k");
  const auto first = world_.send(complete);
  ASSERT_EQ(first.status, 200);
  ASSERT_EQ(world_.send(sent("DELETE", target + "?hard=true", kOwner)).status, 204);
  EXPECT_EQ(world_.send(complete).body, first.body);
  complete.claims = kStranger;
  EXPECT_EQ(world_.send(complete).status, 404);
}

TEST_F(OwnershipTest, AnUnchangedImageIsNotThereEither) {
  const auto image = world_.create_active();
  auto request = sent("GET", "/images/" + image.image_id.to_string(), kStranger);
  request.headers = {{"If-None-Match", "\"" + std::to_string(image.revision) + "\""}};
  EXPECT_EQ(world_.send(request).status, 404);
}

}  // namespace
}  // namespace tintype

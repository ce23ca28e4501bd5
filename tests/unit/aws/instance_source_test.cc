#include "adapters/aws/instance_source.h"

#include <gtest/gtest.h>

#include "credential_world.h"

namespace tintype {
namespace {

using testing::answer;
using testing::CredentialWorld;
using testing::FakeHttpServer;
using testing::FakeRequest;
using testing::service_json;
using testing::soon;

constexpr const char* kRoles = "GET /latest/meta-data/iam/security-credentials/";

class InstanceSourceTest : public ::testing::Test {
 protected:
  InstanceSourceTest() { world_.servers["http://169.254.169.254"] = server_.url(); }

  std::string serve(const FakeRequest& request) {
    const auto what = request.method + " " + request.target;
    if (what == hang_at_) server_.hang();
    std::lock_guard lock(mutex_);
    auto& answers = answers_[what];
    if (answers.empty()) return answer(404, "no such thing");
    auto bytes = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return bytes;
  }
  Result<AwsCredentials> fetch(Deadline deadline = soon()) {
    return InstanceSource(world_.surroundings()).fetch(deadline);
  }
  std::string complaint() {
    const auto got = fetch();
    EXPECT_FALSE(got.ok());
    return got.ok() ? "" : got.error().detail;
  }

  CredentialWorld world_;
  std::mutex mutex_;
  std::string hang_at_;
  std::map<std::string, std::deque<std::string>> answers_{
      {"PUT /latest/api/token", {answer(200, "tok==")}},
      {kRoles, {answer(200, "my-role\n")}},
      {std::string(kRoles) + "my-role",
       {answer(200, service_json("AKI", "2026-11-22T14:00:00Z"))}}};
  FakeHttpServer server_{[this](const FakeRequest& request) { return serve(request); }};
};

TEST_F(InstanceSourceTest, TakesATokenThenTheRoleThenItsKeys) {
  const auto got = fetch();
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "AKI");
  const auto seen = server_.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].header("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(seen[1].header("x-aws-ec2-metadata-token"), "tok==");
  EXPECT_EQ(seen[2].header("x-aws-ec2-metadata-token"), "tok==");
}

TEST_F(InstanceSourceTest, IsWhereTheEnvironmentSays) {
  world_.servers.clear();
  world_.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  EXPECT_EQ(complaint(), "http://[fd00:ec2::254] cannot be reached");
  EXPECT_EQ(world_.urls().size(), 2U) << "two tries";
  world_.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server_.url("/");
  EXPECT_TRUE(fetch().ok());
}

TEST_F(InstanceSourceTest, CanBeSwitchedOff) {
  world_.variables["AWS_EC2_METADATA_DISABLED"] = "True";
  EXPECT_TRUE(fetch().error().is(ErrorKind::not_found));
  EXPECT_TRUE(world_.urls().empty());
  world_.variables["AWS_EC2_METADATA_DISABLED"] = "false";
  EXPECT_TRUE(fetch().ok());
}

TEST_F(InstanceSourceTest, WithoutARoleHasNothing) {
  answers_[kRoles].clear();
  EXPECT_EQ(complaint(), "the instance has no role");
  EXPECT_TRUE(fetch().error().is(ErrorKind::not_found));
}

TEST_F(InstanceSourceTest, NeverAsksWithoutAToken) {
  for (int status : {400, 403, 404, 405}) {
    answers_["PUT /latest/api/token"] = {answer(status, "")};
    EXPECT_EQ(complaint(), "it answered with status " + std::to_string(status));
  }
  for (const char* token : {"", " ", "a b", "a\nb", "\xff"}) {
    answers_["PUT /latest/api/token"] = {answer(200, token)};
    EXPECT_EQ(complaint(), "it answered with something that is no token");
  }
  for (const auto& request : server_.requests()) EXPECT_EQ(request.method, "PUT");
}

TEST_F(InstanceSourceTest, ARolesNameLeadsToNoOtherPath) {
  for (const char* name : {"", "../api/token", "..", "a/b", "a?b", "a b", "a%2fb", "<html>"}) {
    answers_[kRoles] = {answer(200, name)};
    EXPECT_EQ(complaint(), "it answered with something that is no role's name");
  }
}

TEST_F(InstanceSourceTest, EachStepHasTwoTries) {
  for (auto& [what, answers] : answers_) answers.push_front(answer(500, ""));
  EXPECT_TRUE(fetch().ok());
  EXPECT_EQ(server_.requests().size(), 6U);
  answers_[kRoles] = {answer(503, "")};
  EXPECT_EQ(complaint(), "it answered with status 503");
}

TEST_F(InstanceSourceTest, KeysThatAreNoneAreFailures) {
  auto& keys = answers_[std::string(kRoles) + "my-role"];
  keys = {answer(200, R"({"Code":"Failed","Message":"hush"})")};
  EXPECT_EQ(complaint(), "the service refused with Failed");
  keys = {answer(200, "<html>")};
  EXPECT_EQ(complaint(), "the answer is not a JSON object");
  keys.clear();
  EXPECT_EQ(complaint(), "it has no credentials of the instance's role");
  EXPECT_FALSE(fetch().error().is(ErrorKind::not_found));
}

TEST_F(InstanceSourceTest, OneThatHangsCostsTwoSecondsAtMost) {
  hang_at_ = "PUT /latest/api/token";
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(complaint(), "http://169.254.169.254 did not answer in time");
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, milliseconds(1900));
  EXPECT_LT(took, milliseconds(4000));
  EXPECT_EQ(world_.urls().size(), 2U);
}

TEST_F(InstanceSourceTest, TheDeadlineComesFirst) {
  hang_at_ = kRoles;
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(fetch(deadline_in(milliseconds(150))).error().is(ErrorKind::timeout));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1800));
}

}  // namespace
}  // namespace tintype

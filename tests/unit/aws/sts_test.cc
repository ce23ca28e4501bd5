#include "adapters/aws/sts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/aws/web_identity_source.h"
#include "credential_world.h"

namespace tintype {
namespace {

using testing::answer;
using testing::CredentialWorld;
using testing::FakeHttpServer;
using testing::FakeRequest;
using testing::role_xml;
using testing::soon;
using testing::sts_error;

HttpResponse response(int status, std::string body) { return {status, {}, std::move(body), 0}; }

std::string complaint(const Result<AwsCredentials>& got) {
  EXPECT_FALSE(got.ok());
  return got.ok() ? "" : got.error().detail;
}

TEST(RoleRequestForm, HasWhatIsThere) {
  EXPECT_EQ(role_request_form({.role_arn = "arn:aws:iam::1:role/r", .session_name = "a b"}),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
            "&RoleSessionName=a%20b");
  EXPECT_EQ(role_request_form({.role_arn = "r",
                               .session_name = "s",
                               .external_id = "e&f",
                               .duration_seconds = "900",
                               .web_identity_token = "x.y=="}),
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s"
            "&ExternalId=e%26f&DurationSeconds=900&WebIdentityToken=x.y%3D%3D");
}

TEST(RoleAnswer, IsRead) {
  auto xml = role_xml("AK", "2026-11-22T09:00:00Z");
  auto got = parse_role_answer(response(200, xml));
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "AK");
  EXPECT_EQ(got->keys.secret_access_key, "sts/secret+1");
  EXPECT_EQ(got->keys.session_token, "sts-token==");
  EXPECT_EQ(format_rfc3339(*got->expires_at), "2026-11-22T09:00:00.000Z");
  xml.replace(xml.find("sts/secret"), 10, "a&amp;&lt;b&gt;&quot;&apos;&x;");
  EXPECT_EQ(parse_role_answer(response(200, xml))->keys.secret_access_key, "a&<b>\"'&x;+1");
}

TEST(RoleAnswer, ThatLacksSomethingIsRefused) {
  const auto whole = role_xml("AK", "2026-11-22T09:00:00Z");
  for (const char* name :
       {"Credentials", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
    auto xml = whole;
    xml.replace(xml.find("<" + std::string(name) + ">") + 1, 1, "X");
    EXPECT_NE(complaint(parse_role_answer(response(200, xml))), "") << name;
    xml = whole;
    xml.replace(xml.find("</" + std::string(name) + ">") + 2, 1, "X");
    EXPECT_NE(complaint(parse_role_answer(response(200, xml))), "") << name;
  }
  for (std::string xml : {std::string(), std::string("<"), std::string("{}"),
                          std::string("<Credentials></Credentials>"), std::string(60'000, '<')})
    EXPECT_EQ(complaint(parse_role_answer(response(200, xml))),
              "STS's answer lacks credentials, a token or an expiration");
  EXPECT_EQ(complaint(parse_role_answer(response(200, role_xml("A K", "2026-11-22T09:00:00Z")))),
            "the access key id holds a space, a line end or another character that no such key "
            "has");
}

TEST(RoleAnswer, ARefusalIsNamedByItsCode) {
  EXPECT_EQ(complaint(parse_role_answer(
                response(400, sts_error("ExpiredTokenException", "your token hush expired")))),
            "STS answered 400 ExpiredTokenException");
  EXPECT_EQ(complaint(parse_role_answer(response(403, "<html>hush"))), "STS answered 403");
}

TEST(StsEndpoint, IsTheRegionsOrTheOneThatIsSet) {
  CredentialWorld world;
  EXPECT_EQ(*sts_endpoint(world.surroundings(), "eu-central-1"),
            "https://sts.eu-central-1.amazonaws.com");
  EXPECT_EQ(*sts_endpoint(world.surroundings(), "cn-north-1"),
            "https://sts.cn-north-1.amazonaws.com.cn");
  auto set = [&](const char* url) {
    world.variables["AWS_ENDPOINT_URL_STS"] = url;
    return sts_endpoint(world.surroundings(), "eu-central-1");
  };
  EXPECT_EQ(*set("http://127.0.0.1:99/"), "http://127.0.0.1:99");
  EXPECT_EQ(*set("https://vpce-1.sts.amazonaws.com"), "https://vpce-1.sts.amazonaws.com");
  for (const char* url : {"https://", "http:///", "ftp://x", "x", "https://a/b", "https://a?b",
                          "https://u@a", "https://a b", "https://a\r\nb"})
    EXPECT_FALSE(set(url).ok()) << url;
}

// A web identity whose STS is a FakeHttpServer.
class WebIdentityTest : public ::testing::Test {
 protected:
  WebIdentityTest() {
    world_.variables = {{"AWS_REGION", "eu-central-1"},
                        {"AWS_ROLE_ARN", "arn:role"},
                        {"AWS_WEB_IDENTITY_TOKEN_FILE", world_.file("token", "first.token\n")}};
    world_.servers["https://sts.eu-central-1.amazonaws.com"] = sts_.url();
  }

  Result<AwsCredentials> fetch(Deadline deadline = soon()) {
    return WebIdentitySource(world_.surroundings()).fetch(deadline);
  }
  void set_answer(std::string bytes) {
    std::lock_guard lock(mutex_);
    answers_ = {std::move(bytes)};
  }

  CredentialWorld world_;
  std::mutex mutex_;
  // The last one is given again and again.
  std::deque<std::string> answers_{answer(200, role_xml("AKW", "2026-11-22T09:00:00Z"))};
  FakeHttpServer sts_{[this](const FakeRequest&) {
    std::lock_guard lock(mutex_);
    auto bytes = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return bytes;
  }};
};

TEST_F(WebIdentityTest, PostsTheTokenUnsigned) {
  world_.variables["AWS_ROLE_SESSION_NAME"] = "me";
  const auto got = fetch();
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "AKW");
  EXPECT_EQ(world_.urls(), std::vector<std::string>{"https://sts.eu-central-1.amazonaws.com/"});
  const auto seen = sts_.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/");
  EXPECT_EQ(seen.header("content-type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(seen.header("authorization"), "");
  EXPECT_EQ(seen.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Arole"
            "&RoleSessionName=me&WebIdentityToken=first.token");
}

TEST_F(WebIdentityTest, ReadsTheTokenAnewAndMakesUpASession) {
  ASSERT_TRUE(fetch().ok());
  world_.file("token", "second.token");
  ASSERT_TRUE(fetch().ok());
  EXPECT_NE(sts_.requests().at(1).body.find("WebIdentityToken=second.token"), std::string::npos);
  EXPECT_NE(sts_.requests().at(1).body.find("RoleSessionName=tintype-1795334400000&"),
            std::string::npos);
}

TEST_F(WebIdentityTest, WithoutATokenFileIsNotSetUpAndHalfSetUpIsAFailure) {
  world_.variables.erase("AWS_ROLE_ARN");
  EXPECT_EQ(complaint(fetch()), "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
  world_.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_TRUE(fetch().error().is(ErrorKind::not_found));
}

TEST_F(WebIdentityTest, AFileThatIsNoTokenIsAFailure) {
  const auto path = world_.variables["AWS_WEB_IDENTITY_TOKEN_FILE"];
  world_.file("token", " \n");
  EXPECT_EQ(complaint(fetch()), path + " is empty");
  world_.file("token", "two words");
  EXPECT_EQ(complaint(fetch()), path + " does not hold a token");
  world_.file("token", std::string(100'000, 'x'));
  EXPECT_EQ(complaint(fetch()), path + " is larger than 65536 bytes");
  std::filesystem::remove(path);
  EXPECT_EQ(complaint(fetch()), path + " does not exist");
  EXPECT_FALSE(fetch().error().is(ErrorKind::not_found)) << "another identity must not step in";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(complaint(fetch()), path + " is not a file");
  world_.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = world_.home();
  EXPECT_EQ(complaint(fetch()), world_.home() + " is not a file");
  EXPECT_TRUE(sts_.requests().empty());
}

TEST_F(WebIdentityTest, NeedsARegion) {
  world_.variables.erase("AWS_REGION");
  EXPECT_EQ(complaint(fetch()), "STS needs a region: set AWS_REGION");
}

TEST_F(WebIdentityTest, AMomentaryFailureIsTriedThrice) {
  answers_ = {answer(500, ""), answer(400, sts_error("IDPCommunicationError")), answers_.front()};
  EXPECT_TRUE(fetch().ok());
  EXPECT_EQ(sts_.requests().size(), 3U);
  set_answer(answer(503, ""));
  EXPECT_EQ(complaint(fetch()), "STS answered 503");
  EXPECT_EQ(sts_.requests().size(), 6U);
  set_answer("");  // closes the connection
  EXPECT_EQ(complaint(fetch()), "https://sts.eu-central-1.amazonaws.com cannot be reached");
}

TEST_F(WebIdentityTest, ARefusalIsFinal) {
  set_answer(answer(400, sts_error("InvalidIdentityToken", "first.token is bad")));
  EXPECT_EQ(complaint(fetch()), "STS answered 400 InvalidIdentityToken");
  EXPECT_EQ(sts_.requests().size(), 1U);
}

TEST_F(WebIdentityTest, HugeAnswersAreRefused) {
  set_answer(answer(200, std::string(1'000'000, 'x')));
  EXPECT_EQ(complaint(fetch()),
            "https://sts.eu-central-1.amazonaws.com answered with far too much");
}

}  // namespace
}  // namespace tintype

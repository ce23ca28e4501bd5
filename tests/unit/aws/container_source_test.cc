#include "adapters/aws/container_source.h"

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

constexpr const char* kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr const char* kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

TEST(ContainerUrl, ARelativeOneIsAtTheHostsAddressAndComesFirst) {
  EXPECT_EQ(*container_url("/v2/credentials/x?y=1", "http://127.0.0.1/no"),
            "http://169.254.170.2/v2/credentials/x?y=1");
  for (const char* odd : {"x", "@evil.example/", ":80/", ".evil.example/", "/a b", "/a\r\nb: c"})
    EXPECT_FALSE(container_url(odd, "").ok()) << odd;
  EXPECT_TRUE(container_url("", "").error().is(ErrorKind::not_found));
}

TEST(ContainerUrl, PlainHttpGoesToThisMachineAndTheContainerHostsAlone) {
  for (std::string url :
       {"http://127.0.0.1/x", "http://127.0.0.1:80", "http://127.255.3.4:8080/x?y#z",
        "http://localhost/x", "http://LOCALHOST:1/x", "http://[::1]/x", "http://[::1]:80/x",
        "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials", "http://[FD00:EC2::23]:80/",
        "https://example.com/x", "https://10.0.0.1:444?x"}) {
    const auto got = container_url("", url);
    ASSERT_TRUE(got.ok()) << url << ": " << got.error().detail;
    EXPECT_EQ(*got, url);
  }
  for (std::string url :
       {"http://example.com/x", "http://10.0.0.1/x", "http://169.254.170.3/x",
        "http://169.254.169.254/x", "http://[fd00:ec2::24]/x", "http://[::2]/x", "http://128.0.0.1",
        // Hosts that another reader could take for something else.
        "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/",
        "http://example.com@127.0.0.1/", "http://127.0.0.1\\@example.com/", "http://127.1/",
        "http://0177.0.0.1/", "http://127.0.0.01/", "http://127.0.0.256/", "http://2130706433/",
        "http://127.0.0.1:80:81/", "http://127.0.0.1:/", "http://127.0.0.1:x/",
        "http://127.0.0.1:-1/", "http://127.0.0.1:65536/", "http://127.0.0.-1/",
        "http://127.0.0.%31/", "http://[::1", "http://::1/", "http://[::1]x/", "http:///x",
        "http://", "http:/127.0.0.1", "HTTP://127.0.0.1/", "ftp://127.0.0.1/", "127.0.0.1/x",
        "http://127.0.0.1/a b", "https://", "https:///x", "https://a@b/", "https://a\r\nb/",
        " http://127.0.0.1/", "http://localhost.example.com/", "http://localhost./"}) {
    const auto got = container_url("", url);
    ASSERT_FALSE(got.ok()) << url;
    EXPECT_FALSE(got.error().is(ErrorKind::not_found)) << url;
  }
}

class ContainerSourceTest : public ::testing::Test {
 protected:
  ContainerSourceTest() { world_.servers["http://169.254.170.2"] = server_.url(); }

  Result<AwsCredentials> fetch() { return ContainerSource(world_.surroundings()).fetch(soon()); }
  std::string complaint() {
    const auto got = fetch();
    EXPECT_FALSE(got.ok());
    return got.ok() ? "" : got.error().detail;
  }

  CredentialWorld world_;
  std::string bytes_ = answer(200, service_json("AKC", "2026-11-22T09:00:00Z"));
  FakeHttpServer server_{[this](const FakeRequest&) { return bytes_; }};
};

TEST_F(ContainerSourceTest, AsksThePathAtTheHostsAddress) {
  world_.variables[kRelative] = "/v2/credentials/uuid";
  const auto got = fetch();
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "AKC");
  EXPECT_EQ(got->keys.session_token, "service-token");
  EXPECT_EQ(world_.urls().at(0), "http://169.254.170.2/v2/credentials/uuid");
  EXPECT_EQ(server_.requests().at(0).method, "GET");
  EXPECT_EQ(server_.requests().at(0).header("authorization"), "");
}

TEST_F(ContainerSourceTest, SendsTheTokenOrTheOneInTheFileWhichIsReadAnew) {
  world_.variables[kFull] = server_.url("/get");
  world_.variables[kToken] = "Bearer one";
  ASSERT_TRUE(fetch().ok());
  world_.variables[kTokenFile] = world_.file("token", "two\n");
  ASSERT_TRUE(fetch().ok());
  world_.file("token", "three");
  ASSERT_TRUE(fetch().ok());
  const auto seen = server_.requests();
  EXPECT_EQ(seen.at(0).header("authorization"), "Bearer one");
  EXPECT_EQ(seen.at(1).header("authorization"), "two");
  EXPECT_EQ(seen.at(2).header("authorization"), "three");
}

TEST_F(ContainerSourceTest, ATokenThatIsNoneIsAFailure) {
  world_.variables[kFull] = server_.url("/get");
  world_.variables[kToken] = "hush\r\nX-Other: 1";
  EXPECT_EQ(complaint(), "the container's authorization token cannot stand in a header");
  const auto path = world_.file("token", "hush\nhush");
  world_.variables[kTokenFile] = path;
  EXPECT_EQ(complaint(), "the container's authorization token cannot stand in a header");
  world_.file("token", "");
  EXPECT_EQ(complaint(), path + " is empty");
  std::filesystem::remove(path);
  EXPECT_EQ(complaint(), path + " does not exist");
  EXPECT_TRUE(world_.urls().empty());
}

TEST_F(ContainerSourceTest, AnswersThatAreNoneAreFailuresThatNameNoPath) {
  world_.variables[kRelative] = "/hush";
  bytes_ = answer(404, "{\"code\":\"x\",\"message\":\"hush\"}");
  EXPECT_EQ(complaint(), "it answered with status 404");
  EXPECT_EQ(server_.requests().size(), 1U);
  bytes_ = answer(500, "");
  EXPECT_EQ(complaint(), "it answered with status 500");
  EXPECT_EQ(server_.requests().size(), 4U);
  bytes_ = answer(302, "", "Location: http://127.0.0.1:1/\r\n");
  EXPECT_EQ(complaint(), "it answered with status 302");
  bytes_ = answer(200, "{\"AccessKeyId\":");
  EXPECT_EQ(complaint(), "the answer is not a JSON object");
  bytes_ = answer(200, std::string(100'000, ' '));
  EXPECT_EQ(complaint(), "http://169.254.170.2 answered with far too much");
  bytes_ = "";
  EXPECT_EQ(complaint(), "http://169.254.170.2 cannot be reached");
}

TEST_F(ContainerSourceTest, WithoutAnUrlIsNotSetUp) {
  EXPECT_TRUE(fetch().error().is(ErrorKind::not_found));
}

}  // namespace
}  // namespace tintype

// The sources as they stand in line, with everything outside replaced.
#include <gtest/gtest.h>

#include "adapters/aws/credentials_chain.h"
#include "credential_world.h"

namespace tintype {
namespace {

using std::chrono::hours;
using testing::answer;
using testing::CredentialWorld;
using testing::FakeHttpServer;
using testing::FakeRequest;
using testing::role_xml;
using testing::service_json;
using testing::soon;

class StandardSourcesTest : public ::testing::Test {
 protected:
  std::string id() {
    CredentialsChain chain(world_.surroundings());
    return id(chain);
  }
  static std::string id(CredentialsChain& chain) {
    const auto got = chain.get(soon());
    return got.ok() ? got->keys.access_key_id : got.error().detail;
  }
  void serve_all() {
    for (const char* name : {"https://sts.eu-central-1.amazonaws.com", "http://169.254.170.2",
                             "http://169.254.169.254"})
      world_.servers[name] = server_.url();
  }

  CredentialWorld world_;
  FakeHttpServer server_{[this](const FakeRequest& request) {
    const auto end = world_.in(hours(1));
    if (request.method == "POST") return answer(200, role_xml("WEB", end));
    if (request.method == "PUT") return answer(200, "tok");
    if (request.target == "/task") return answer(200, service_json("CONTAINER", end));
    if (request.target.ends_with("credentials/")) return answer(200, "role");
    return answer(200, service_json("INSTANCE", end));
  }};
};

TEST_F(StandardSourcesTest, StandInTheirOrder) {
  serve_all();
  EXPECT_EQ(id(), "INSTANCE");
  world_.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/task";
  EXPECT_EQ(id(), "CONTAINER");
  world_.file(".aws/credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  EXPECT_EQ(id(), "FILE");
  world_.variables["AWS_REGION"] = "eu-central-1";
  world_.variables["AWS_ROLE_ARN"] = "arn:r";
  world_.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = world_.file("token", "t");
  EXPECT_EQ(id(), "WEB");
  world_.variables["AWS_ACCESS_KEY_ID"] = "ENVIRONMENT";
  world_.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  EXPECT_EQ(id(), "ENVIRONMENT");
}

TEST_F(StandardSourcesTest, InLambdaThereIsTheEnvironmentAlone) {
  serve_all();
  world_.variables["AWS_LAMBDA_FUNCTION_NAME"] = "f";
  world_.file(".aws/credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  EXPECT_EQ(id(),
            "There are no AWS credentials: the environment gave none because AWS_ACCESS_KEY_ID is "
            "not set.");
  EXPECT_TRUE(world_.urls().empty());
}

TEST_F(StandardSourcesTest, WhereThereAreNoneTheErrorSaysWhereTheyWereLookedFor) {
  const auto home = world_.home();
  EXPECT_EQ(id(),
            "There are no AWS credentials: the environment gave none because AWS_ACCESS_KEY_ID is "
            "not set; the web identity gave none because AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
            "the profile \"default\" gave none because it is in neither " +
                home + "/.aws/config nor " + home +
                "/.aws/credentials; the container endpoint gave none because neither "
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is "
                "set; instance metadata gave none because http://169.254.169.254 cannot be "
                "reached.");
}

TEST_F(StandardSourcesTest, AnOutageOfTheInstancesServiceMattersWhenTheKeysExpire) {
  serve_all();
  CredentialsChain chain(world_.surroundings());
  EXPECT_EQ(id(chain), "INSTANCE");
  world_.servers.clear();
  world_.clock.advance(std::chrono::minutes(55));
  EXPECT_EQ(id(chain), "INSTANCE");
  world_.clock.advance(std::chrono::minutes(5));
  const auto got = chain.get(soon());
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(ErrorKind::unavailable));
  EXPECT_NE(got.error().detail.find("the environment gave none"), std::string::npos);
  EXPECT_NE(got.error().detail.find("http://169.254.169.254 cannot be reached."),
            std::string::npos);
  serve_all();
  world_.clock.advance(seconds(1));
  EXPECT_EQ(id(chain), "INSTANCE");
}

TEST_F(StandardSourcesTest, NoErrorNamesASecret) {
  world_.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server_.url("/hush?hush")},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush"}};
  world_.file(".aws/config", "[default]\nregion=hush-hush\n");
  EXPECT_EQ(id().find("hush"), std::string::npos) << id();
  world_.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/hush";
  EXPECT_EQ(id().find("hush"), std::string::npos) << id();
  world_.variables["AWS_SECRET_ACCESS_KEY"] = "hush hush";
  world_.variables["AWS_ACCESS_KEY_ID"] = "AK";
  EXPECT_EQ(id().find("hush"), std::string::npos) << id();
}

}  // namespace
}  // namespace tintype

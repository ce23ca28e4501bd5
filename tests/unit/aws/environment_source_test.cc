#include "adapters/aws/environment_source.h"

#include <gtest/gtest.h>

#include "credential_world.h"

namespace tintype {
namespace {

using testing::CredentialWorld;
using testing::soon;

TEST(EnvironmentSource, ReadsItsVariables) {
  CredentialWorld world;
  world.variables = {{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
  const EnvironmentSource source(world.surroundings());
  auto got = source.fetch(soon());
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "AK");
  EXPECT_EQ(got->keys.secret_access_key, "s");
  EXPECT_EQ(got->keys.session_token, "");
  EXPECT_EQ(got->expires_at, std::nullopt);
  world.variables["AWS_SESSION_TOKEN"] = "t";
  world.variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-11-22T09:00:00Z";
  got = source.fetch(soon());
  EXPECT_EQ(got->keys.session_token, "t");
  EXPECT_EQ(format_rfc3339(*got->expires_at), "2026-11-22T09:00:00.000Z");
}

TEST(EnvironmentSource, WithoutAKeyIdIsNotSetUp) {
  CredentialWorld world;
  world.variables["AWS_SECRET_ACCESS_KEY"] = "hush";
  const EnvironmentSource source(world.surroundings());
  EXPECT_TRUE(source.fetch(soon()).error().is(ErrorKind::not_found));
  world.variables["AWS_ACCESS_KEY_ID"] = "";
  EXPECT_TRUE(source.fetch(soon()).error().is(ErrorKind::not_found));
}

TEST(EnvironmentSource, HalfSetUpIsAFailure) {
  CredentialWorld world;
  world.variables["AWS_ACCESS_KEY_ID"] = "AK";
  const EnvironmentSource source(world.surroundings());
  auto detail = [&] {
    const auto got = source.fetch(soon());
    EXPECT_FALSE(got.ok());
    EXPECT_FALSE(got.error().is(ErrorKind::not_found));
    return got.error().detail;
  };
  EXPECT_EQ(detail(), "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
  world.variables["AWS_SECRET_ACCESS_KEY"] = "hush\n";
  EXPECT_EQ(detail(),
            "the secret access key holds a space, a line end or another character that no such "
            "key has");
  world.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  world.variables["AWS_CREDENTIAL_EXPIRATION"] = "soon";
  EXPECT_EQ(detail(), "AWS_CREDENTIAL_EXPIRATION is not a time");
}

}  // namespace
}  // namespace tintype

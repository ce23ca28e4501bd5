#include "adapters/aws/profile_source.h"

#include <gtest/gtest.h>
#include <sys/fsuid.h>

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

class ProfileSourceTest : public ::testing::Test {
 protected:
  ProfileSourceTest() {
    world_.variables["AWS_REGION"] = "eu-central-1";
    world_.servers["https://sts.eu-central-1.amazonaws.com"] = sts_.url();
  }

  void config(std::string_view text) { world_.file(".aws/config", text); }
  void credentials(std::string_view text) { world_.file(".aws/credentials", text); }
  Result<AwsCredentials> fetch(const char* profile = nullptr) {
    if (profile) world_.variables["AWS_PROFILE"] = profile;
    return ProfileSource(world_.surroundings()).fetch(soon());
  }
  std::string id(const char* profile = nullptr) {
    const auto got = fetch(profile);
    return got.ok() ? got->keys.access_key_id
                    : (got.error().is(ErrorKind::not_found) ? "none: " : "failed: ") +
                          got.error().detail;
  }

  CredentialWorld world_;
  std::atomic<int> number_{0};
  std::string refusal_;
  FakeHttpServer sts_{[this](const FakeRequest&) {
    if (!refusal_.empty()) return answer(403, refusal_);
    const auto made = "STS" + std::to_string(++number_);
    return answer(200, role_xml(made, "2026-11-22T09:00:00Z"));
  }};
};

TEST_F(ProfileSourceTest, WithoutFilesIsNotSetUp) {
  EXPECT_EQ(id(), "none: it is in neither " + world_.home() + "/.aws/config nor " + world_.home() +
                      "/.aws/credentials");
  config("[default]\nregion = eu-central-1\n");
  EXPECT_EQ(id(), "none: profile \"default\" has no credentials");
  auto homeless = world_.surroundings();
  homeless.home.clear();
  EXPECT_EQ(ProfileSource(homeless).fetch(soon()).error().detail,
            "there is no home folder to look in");
}

TEST_F(ProfileSourceTest, ANamedOneMustBeThere) {
  credentials("[default]\naws_access_key_id=AK\naws_secret_access_key=s\n[other]\nx=1\n");
  EXPECT_EQ(id("nobody"), "failed: it is in neither " + world_.home() + "/.aws/config nor " +
                              world_.home() + "/.aws/credentials");
  EXPECT_EQ(id("other"), "failed: profile \"other\" has no credentials");
  EXPECT_EQ(ProfileSource(world_.surroundings()).name(), "the profile \"other\"");
}

TEST_F(ProfileSourceTest, BadFilesAreFailures) {
  credentials("[default]\nhush\n");
  EXPECT_EQ(id(), "failed: " + world_.home() +
                      "/.aws/credentials makes no sense: line 2 is neither a section nor a "
                      "setting");
}

// To the file system this thread is nobody, even when the tests are run by root.
struct NobodysThread {
  NobodysThread() { ::setfsuid(65534); }
  ~NobodysThread() { ::setfsuid(::geteuid()); }
};

TEST_F(ProfileSourceTest, FilesInAClosedFolderAreAFailureForANamedOneAlone) {
  credentials("[default]\naws_access_key_id=AK\naws_secret_access_key=s\n");
  std::filesystem::permissions(world_.home(), std::filesystem::perms::none);
  {
    const NobodysThread nobody;
    const auto why = world_.home() + "/.aws/config cannot be read: Permission denied";
    EXPECT_EQ(id(), "none: " + why);
    EXPECT_EQ(id("default"), "failed: " + why);
  }
  std::filesystem::permissions(world_.home(), std::filesystem::perms::owner_all);
}

TEST_F(ProfileSourceTest, KeysOfEitherFile) {
  credentials(
      "[default]\naws_access_key_id = AK1\naws_secret_access_key = s/+=\naws_session_token = t\n");
  auto got = fetch();
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.secret_access_key, "s/+=");
  EXPECT_EQ(got->keys.session_token, "t");
  EXPECT_EQ(got->expires_at, std::nullopt);
  config("[profile c]\naws_access_key_id=AK2\naws_secret_access_key=s\n");
  EXPECT_EQ(id("c"), "AK2");
}

TEST_F(ProfileSourceTest, HalfAPairIsAFailure) {
  credentials("[a]\naws_access_key_id=AK\n[b]\naws_secret_access_key=hush\n");
  EXPECT_EQ(id("a"), "failed: there is no secret access key");
  EXPECT_EQ(id("b"), "failed: there is no access key id");
}

TEST_F(ProfileSourceTest, TheFileIsReadAnew) {
  credentials("[default]\naws_access_key_id=AK1\naws_secret_access_key=s\n");
  const ProfileSource source(world_.surroundings());
  EXPECT_EQ(source.fetch(soon())->keys.access_key_id, "AK1");
  credentials("[default]\naws_access_key_id=AK2\naws_secret_access_key=s\n");
  EXPECT_EQ(source.fetch(soon())->keys.access_key_id, "AK2");
}

TEST_F(ProfileSourceTest, AProgramComesBetweenTheKeysOfTheTwoFiles) {
  const std::string program =
      "credential_process = printf '{\"Version\":1,\"AccessKeyId\":\"AKP\","
      "\"SecretAccessKey\":\"s\"}'\n";
  config("[profile a]\n" + program + "aws_access_key_id=AKC\naws_secret_access_key=s\n" +
         "[profile b]\n" + program + "[profile c]\ncredential_process = false\n");
  credentials("[b]\naws_access_key_id=AKB\naws_secret_access_key=s\n");
  EXPECT_EQ(id("a"), "AKP");
  EXPECT_EQ(id("b"), "AKB");
  EXPECT_EQ(id("c"), "failed: the credential_process failed with exit status 1");
}

TEST_F(ProfileSourceTest, AWebIdentity) {
  const auto token = world_.file("token", "a.b.c");
  config("[profile w]\nrole_arn = arn:w\nweb_identity_token_file = " + token +
         "\nrole_session_name = me\n[profile x]\nweb_identity_token_file = " + token + "\n");
  EXPECT_EQ(id("w"), "STS1");
  EXPECT_EQ(sts_.requests().at(0).body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aw"
            "&RoleSessionName=me&WebIdentityToken=a.b.c");
  EXPECT_EQ(id("x"), "failed: profile \"x\" has a web_identity_token_file and no role_arn");
}

TEST_F(ProfileSourceTest, ARoleIsTakenWithTheKeysOfAnotherProfile) {
  config(
      "[profile r]\nrole_arn = arn:r\nsource_profile = base\nexternal_id = e\n"
      "duration_seconds = 900\nrole_session_name = me\n");
  credentials(
      "[base]\naws_access_key_id=AKB\naws_secret_access_key=hush\naws_session_token = bt\n");
  const auto got = fetch("r");
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "STS1");
  EXPECT_EQ(format_rfc3339(*got->expires_at), "2026-11-22T09:00:00.000Z");
  const auto seen = sts_.requests().at(0);
  EXPECT_EQ(seen.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=me"
            "&ExternalId=e&DurationSeconds=900");
  EXPECT_EQ(seen.header("x-amz-security-token"), "bt");
  EXPECT_EQ(seen.header("x-amz-date"), "20261122T080000Z");
  EXPECT_TRUE(seen.header("authorization")
                  .starts_with("AWS4-HMAC-SHA256 "
                               "Credential=AKB/20261122/eu-central-1/sts/aws4_request, "
                               "SignedHeaders=accept;content-type;host;x-amz-date;"
                               "x-amz-security-token, Signature="))
      << seen.header("authorization");
}

TEST_F(ProfileSourceTest, RolesInARow) {
  config(
      "[profile a]\nrole_arn=arn:a\nsource_profile=b\n[profile b]\nrole_arn=arn:b\n"
      "source_profile=c\n[profile c]\naws_access_key_id=AKC\naws_secret_access_key=s\n");
  EXPECT_EQ(id("a"), "STS2");
  EXPECT_NE(sts_.requests().at(0).header("authorization").find("=AKC/"), std::string::npos);
  EXPECT_NE(sts_.requests().at(1).header("authorization").find("=STS1/"), std::string::npos);
  EXPECT_EQ(sts_.requests().at(1).header("x-amz-security-token"), "sts-token==");
}

TEST_F(ProfileSourceTest, AProfileMayTakeARoleWithItsOwnKeys) {
  config("[profile a]\nrole_arn=arn:a\nsource_profile=a\n");
  credentials("[a]\naws_access_key_id=AKA\naws_secret_access_key=s\n");
  EXPECT_EQ(id("a"), "STS1");
  EXPECT_NE(sts_.requests().at(0).header("authorization").find("=AKA/"), std::string::npos);
}

TEST_F(ProfileSourceTest, KeysOfASourceComeBeforeItsRole) {
  config(
      "[profile a]\nrole_arn=arn:a\nsource_profile=b\n[profile b]\nrole_arn=arn:b\n"
      "source_profile=a\naws_access_key_id=AKB\naws_secret_access_key=s\n");
  EXPECT_EQ(id("a"), "STS1");
  EXPECT_NE(sts_.requests().at(0).header("authorization").find("=AKB/"), std::string::npos);
}

TEST_F(ProfileSourceTest, CirclesAndDeadEndsAreFailures) {
  config(
      "[profile self]\nrole_arn=r\nsource_profile=self\n[profile a]\nrole_arn=r\nsource_profile=b\n"
      "[profile b]\nrole_arn=r\nsource_profile=a\n[profile lost]\nrole_arn=r\nsource_profile=no\n"
      "[profile bare]\nrole_arn=r\n[profile two]\nrole_arn=r\nsource_profile=a\n"
      "credential_source=Environment\n[profile poor]\nrole_arn=r\nsource_profile=empty\n"
      "[profile empty]\nregion=x\n[profile mfa]\nrole_arn=r\nsource_profile=a\nmfa_serial=m\n"
      "[profile sso]\nsso_session=s\n");
  EXPECT_EQ(id("self"), "failed: the source_profile of \"self\" leads in a circle");
  EXPECT_EQ(id("a"), "failed: the source_profile of \"b\" leads in a circle");
  EXPECT_EQ(id("lost"), "failed: there is no profile \"no\"");
  const std::string wanted =
      " has a role_arn and needs either a source_profile or a credential_source";
  EXPECT_EQ(id("bare"), "failed: profile \"bare\"" + wanted);
  EXPECT_EQ(id("two"), "failed: profile \"two\"" + wanted);
  EXPECT_EQ(id("poor"), "failed: profile \"empty\" has no credentials");
  EXPECT_EQ(id("mfa"),
            "failed: profile \"mfa\" wants a code of an MFA device, which nobody can type here");
  EXPECT_EQ(id("sso"),
            "failed: profile \"sso\" signs in with SSO, which only the AWS CLI can: give it a "
            "credential_process of `aws configure export-credentials`");
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += "[profile p" + std::to_string(i) + "]\nrole_arn=r\nsource_profile=p" +
            std::to_string(i + 1) + "\n";
  config(many);
  EXPECT_EQ(id("p0"), "failed: too many profiles take their roles from each other");
  EXPECT_TRUE(sts_.requests().empty());
}

TEST_F(ProfileSourceTest, ARoleWithTheCredentialsOfAnotherSource) {
  config(
      "[profile e]\nrole_arn=r\ncredential_source=Environment\n"
      "[profile c]\nrole_arn=r\ncredential_source=EcsContainer\n"
      "[profile i]\nrole_arn=r\ncredential_source=Ec2InstanceMetadata\n"
      "[profile x]\nrole_arn=r\ncredential_source=Sky\n");
  EXPECT_EQ(id("e"), "failed: AWS_ACCESS_KEY_ID is not set");
  world_.variables["AWS_ACCESS_KEY_ID"] = "AKE";
  world_.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  EXPECT_EQ(id("e"), "STS1");
  EXPECT_EQ(id("c"),
            "failed: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
  EXPECT_EQ(id("i"), "failed: http://169.254.169.254 cannot be reached");
  EXPECT_EQ(id("x"), "failed: there is no credential_source \"Sky\"");
}

TEST_F(ProfileSourceTest, ARefusedRoleIsAFailure) {
  config("[profile r]\nrole_arn = arn:r\nsource_profile = base\n");
  credentials("[base]\naws_access_key_id=AKB\naws_secret_access_key=hush\n");
  refusal_ = sts_error("AccessDenied", "AKB hush");
  EXPECT_EQ(id("r"), "failed: STS answered 403 AccessDenied");
}

TEST_F(ProfileSourceTest, StsIsThatOfTheProfilesRegion) {
  world_.variables.erase("AWS_REGION");
  config("[profile r]\nrole_arn = arn:r\nsource_profile = base\nregion = eu-west-9\n");
  credentials("[base]\naws_access_key_id=AKB\naws_secret_access_key=s\n");
  EXPECT_EQ(id("r"), "failed: https://sts.eu-west-9.amazonaws.com cannot be reached");
}

}  // namespace
}  // namespace tintype

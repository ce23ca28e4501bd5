#include "adapters/aws/profiles.h"

#include <gtest/gtest.h>

#include "credential_world.h"

namespace tintype {
namespace {

using testing::CredentialWorld;

AwsProfiles merged(std::string_view config, std::string_view credentials) {
  const auto first = parse_ini(config);
  const auto second = parse_ini(credentials);
  EXPECT_TRUE(first.ok() && second.ok());
  return merge_profiles(*first, *second);
}

TEST(Profiles, AreNamedDifferentlyInTheTwoFiles) {
  const auto profiles = merged(
      "[default]\na=1\n[profile b]\na=2\n[b2]\na=3\n[profile  \"c d\" ]\na=4\n[sso-session "
      "s]\na=5\n"
      "[profile]\na=6\n[profile x y]\na=7\n[profile 'z]\na=8\n[profilex]\na=9\n",
      "[default]\nb=1\n[e]\nb=2\n[ f ]\nb=3\n[profile g]\nb=4\n");
  std::vector<std::string> names;
  for (const auto& [name, profile] : profiles) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"b", "c d", "default", "e", "f", "profile g"}));
  EXPECT_EQ(profiles.at("default").setting("a"), "1");
  EXPECT_EQ(profiles.at("default").setting("b"), "1");
  EXPECT_EQ(profiles.at("c d").setting("a"), "4");
}

TEST(Profiles, TheCredentialsFileCounts) {
  const auto profiles = merged("[profile a]\nx=1\ny=1\naws_access_key_id=AK1\n[profile b]\nx=1\n",
                               "[a]\ny=2\n[b]\nAWS_Access_Key_Id=AK2\n");
  EXPECT_EQ(profiles.at("a").setting("x"), "1");
  EXPECT_EQ(profiles.at("a").setting("y"), "2");
  EXPECT_FALSE(profiles.at("a").keys_in_credentials_file);
  EXPECT_TRUE(profiles.at("b").keys_in_credentials_file);
}

TEST(Profiles, ADefaultWithTheWordProfileCounts) {
  for (const char* text : {"[default]\na=1\nb=1\n[profile default]\na=2\n",
                           "[profile default]\na=2\n[default]\na=1\nb=1\n"}) {
    const auto profiles = merged(text, "");
    EXPECT_EQ(profiles.at("default").setting("a"), "2") << text;
    EXPECT_FALSE(profiles.at("default").has("b")) << text;
  }
}

TEST(Profiles, ABlockIsNoSetting) {
  const auto profiles = merged("[default]\ns3 =\n  addressing_style = path\nregion=\n", "");
  EXPECT_FALSE(profiles.at("default").has("s3"));
  EXPECT_FALSE(profiles.at("default").has("addressing_style"));
  EXPECT_FALSE(profiles.at("default").has("region"));
}

TEST(ProfileChoice, IsTheEnvironments) {
  CredentialWorld world;
  auto choice = profile_choice(world.surroundings());
  EXPECT_EQ(choice.name, "default");
  EXPECT_FALSE(choice.named);
  EXPECT_EQ(choice.config_file, world.home() + "/.aws/config");
  EXPECT_EQ(choice.credentials_file, world.home() + "/.aws/credentials");
  world.variables = {
      {"AWS_PROFILE", "p"}, {"AWS_CONFIG_FILE", "~/c"}, {"AWS_SHARED_CREDENTIALS_FILE", "/x/~/y"}};
  choice = profile_choice(world.surroundings());
  EXPECT_EQ(choice.name, "p");
  EXPECT_TRUE(choice.named);
  EXPECT_EQ(choice.config_file, world.home() + "/c");
  EXPECT_EQ(choice.credentials_file, "/x/~/y");
  auto homeless = world.surroundings();
  homeless.home.clear();
  EXPECT_EQ(profile_choice(homeless).config_file, "");
}

TEST(LoadProfiles, MissingFilesAreEmptyAndBadOnesAreNamed) {
  CredentialWorld world;
  const auto choice = profile_choice(world.surroundings());
  EXPECT_TRUE(load_profiles(choice).value().empty());
  world.file(".aws/credentials", "[a]\nx=1\n");
  EXPECT_EQ(load_profiles(choice).value().size(), 1U);
  world.file(".aws/config", "hush\n");
  EXPECT_EQ(load_profiles(choice).error().detail,
            choice.config_file + " makes no sense: line 1 stands before the first section");
  world.file(".aws/config", "[a]\n" + std::string(2'000'000, '#'));
  EXPECT_TRUE(load_profiles(choice).error().is(ErrorKind::too_large));
}

}  // namespace
}  // namespace tintype

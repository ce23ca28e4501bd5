#include "adapters/aws/region.h"

#include <gtest/gtest.h>

#include "credential_world.h"

namespace tintype {
namespace {

using testing::answer;
using testing::CredentialWorld;
using testing::FakeHttpServer;
using testing::FakeRequest;
using testing::soon;

class RegionTest : public ::testing::Test {
 protected:
  RegionTest() { world_.servers["http://169.254.169.254"] = metadata_.url(); }

  std::string region() {
    const auto got = find_region(world_.surroundings(), soon());
    return got.ok() ? *got : got.error().code + ": " + got.error().detail;
  }

  CredentialWorld world_;
  std::string placement_ = "eu-north-1";
  FakeHttpServer metadata_{[this](const FakeRequest& request) {
    if (request.method == "PUT") return answer(200, "tok");
    return request.target == "/latest/meta-data/placement/region" ? answer(200, placement_)
                                                                  : answer(404, "");
  }};
};

TEST_F(RegionTest, TheSettingComesFirstThenVariablesThenTheProfileThenTheInstance) {
  EXPECT_EQ(region(), "eu-north-1");
  world_.file(".aws/config", "[default]\nregion = eu-central-4\n[profile p]\nregion = eu-west-4\n");
  EXPECT_EQ(region(), "eu-central-4");
  world_.variables["AWS_PROFILE"] = "p";
  EXPECT_EQ(region(), "eu-west-4");
  world_.variables["AWS_DEFAULT_REGION"] = "eu-west-3";
  EXPECT_EQ(region(), "eu-west-3");
  world_.variables["AWS_REGION"] = "eu-west-2";
  EXPECT_EQ(region(), "eu-west-2");
  world_.region = "eu-west-1";
  EXPECT_EQ(region(), "eu-west-1");
  EXPECT_EQ(metadata_.requests().size(), 2U) << "the instance is asked when nothing else says it";
}

TEST_F(RegionTest, AnEmptyVariableIsNotSet) {
  world_.variables = {{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "eu-west-3"}};
  EXPECT_EQ(region(), "eu-west-3");
}

TEST_F(RegionTest, NoneIsAnErrorThatSaysHowToChooseOne) {
  world_.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_EQ(region(),
            "no_region: No AWS region is known: set it, or AWS_REGION, or a profile's region "
            "(instance metadata: AWS_EC2_METADATA_DISABLED is true).");
}

TEST_F(RegionTest, InLambdaNeitherFilesNorTheInstanceAreAsked) {
  world_.variables["AWS_LAMBDA_FUNCTION_NAME"] = "f";
  world_.file(".aws/config", "[default]\nregion = eu-central-4\n");
  EXPECT_EQ(region(),
            "no_region: No AWS region is known: set it, or AWS_REGION, or a profile's region.");
  EXPECT_TRUE(world_.urls().empty());
  world_.variables["AWS_REGION"] = "eu-west-2";
  EXPECT_EQ(region(), "eu-west-2");
}

TEST_F(RegionTest, WhatCannotBePartOfAHostIsRefused) {
  for (const char* text :
       {"EU-WEST-1", "eu.west", "evil.example/", "eu west", "-eu", "eu-", "x@evil", "eu\r\nb"}) {
    world_.variables["AWS_REGION"] = text;
    EXPECT_TRUE(region().starts_with("invalid_region: ")) << text;
  }
  world_.variables.clear();
  placement_ = "<html>";
  EXPECT_TRUE(region().starts_with("no_region: ")) << region();
}

TEST_F(RegionTest, FilesThatMakeNoSenseAreAnError) {
  world_.file(".aws/config", "hush\n");
  EXPECT_EQ(region(), "invalid_region: No AWS region can be read: " + world_.home() +
                          "/.aws/config makes no sense: line 1 stands before the first section.");
}

}  // namespace
}  // namespace tintype

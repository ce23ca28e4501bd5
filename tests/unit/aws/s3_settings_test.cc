#include "adapters/aws/s3_settings.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

S3Location locate(S3Settings settings) {
  const auto location = locate_bucket(settings);
  EXPECT_TRUE(location.ok()) << location.error().detail;
  return location.ok() ? *location : S3Location{};
}

TEST(S3Settings, AtAwsTheBucketStandsInTheRegionalHost) {
  const auto at = locate({.bucket = "photos", .region = "eu-central-1"});
  EXPECT_EQ(at.internal.scheme_and_host, "https://photos.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(at.internal.object_path("a/b"), "/a/b");
  EXPECT_EQ(at.internal.bucket_path(), "/");
  EXPECT_EQ(at.for_client.scheme_and_host, at.internal.scheme_and_host);
  EXPECT_TRUE(at.at_aws);
}

TEST(S3Settings, ABucketWithDotsStandsInThePath) {
  const auto at = locate({.bucket = "photos.example.org", .region = "us-east-1"});
  EXPECT_EQ(at.internal.scheme_and_host, "https://s3.us-east-1.amazonaws.com");
  EXPECT_EQ(at.internal.object_path("a"), "/photos.example.org/a");
  EXPECT_EQ(at.internal.bucket_path(), "/photos.example.org");
}

TEST(S3Settings, PartitionsHaveTheirDomains) {
  EXPECT_EQ(aws_s3_host("cn-north-1"), "s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(aws_s3_host("us-gov-west-1"), "s3.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(aws_s3_host("us-iso-east-1"), "s3.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(aws_s3_host("us-isob-east-1"), "s3.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(aws_s3_host("eusc-de-east-1"), "s3.eusc-de-east-1.amazonaws.eu");
  EXPECT_EQ(aws_s3_host("us-east-1"), "s3.us-east-1.amazonaws.com");
}

TEST(S3Settings, OwnEndpointsArePathStyleUnlessToldOtherwise) {
  S3Settings settings{.bucket = "photos", .endpoint = "HTTP://RGW.internal:80/"};
  auto at = locate(settings);
  EXPECT_EQ(at.internal.scheme_and_host, "http://rgw.internal");
  EXPECT_EQ(at.internal.path_prefix, "/photos");
  EXPECT_EQ(at.region, "us-east-1");
  EXPECT_FALSE(at.at_aws);
  settings.path_style = false;
  settings.endpoint = "https://rgw.internal:8443";
  at = locate(settings);
  EXPECT_EQ(at.internal.scheme_and_host, "https://photos.rgw.internal:8443");
  EXPECT_EQ(at.internal.path_prefix, "");
}

TEST(S3Settings, ClientsMayReachItByAnotherName) {
  const auto at = locate({.bucket = "photos",
                          .endpoint = "http://10.0.0.7:7480",
                          .public_endpoint = "https://cdn.example.org:443"});
  EXPECT_EQ(at.internal.scheme_and_host, "http://10.0.0.7:7480");
  EXPECT_EQ(at.for_client.scheme_and_host, "https://cdn.example.org");
  EXPECT_EQ(at.for_client.object_path("k"), "/photos/k");
}

TEST(S3Settings, BadOnesAreRefused) {
  for (const char* bucket : {"", "ab", "Photos", "-photos", "photos-", "a..b", "a/b", "a b", "a_b",
                             "a@evil.example", "a?x"}) {
    const auto location = locate_bucket({.bucket = bucket, .region = "us-east-1"});
    ASSERT_FALSE(location.ok()) << bucket;
    EXPECT_EQ(location.error().code, "invalid_setting");
  }
  EXPECT_FALSE(locate_bucket({.bucket = std::string(64, 'a'), .region = "us-east-1"}).ok());
  for (const char* endpoint : {"rgw:7480", "ftp://rgw", "http://", "http:///", "http://rgw/path",
                               "http://u:p@rgw", "http://rgw?x", "http://rgw#x", "http://a b"}) {
    EXPECT_FALSE(locate_bucket({.bucket = "photos", .endpoint = endpoint}).ok()) << endpoint;
    EXPECT_FALSE(
        locate_bucket({.bucket = "photos", .endpoint = "http://a", .public_endpoint = endpoint})
            .ok())
        << endpoint;
  }
  for (const char* region : {"", "eu central", "EU", "a/b", "evil.example/"}) {
    EXPECT_FALSE(locate_bucket({.bucket = "photos", .region = region}).ok()) << region;
  }
}

}  // namespace
}  // namespace tintype

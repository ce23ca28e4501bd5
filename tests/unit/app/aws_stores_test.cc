#include "app/aws_stores.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/fake_http_server.h"

namespace tintype {
namespace {

using testing::FakeHttpServer;
using testing::FakeRequest;

// Only what these tests set: no profile, no metadata service.
class AwsStoresTest : public ::testing::Test {
 protected:
  AwsStoresTest() {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"}) ::unsetenv(name);
    ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    ::setenv("AWS_CONFIG_FILE", "/no/such/file", 1);
    ::setenv("AWS_SHARED_CREDENTIALS_FILE", "/no/such/file", 1);
    ::setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    settings_.store = StoreKind::aws;
    settings_.s3.bucket = "pictures";
  }
  void use(const FakeHttpServer& server) {
    settings_.s3.endpoint = settings_.dynamodb.endpoint = server.url();
  }
  Result<std::unique_ptr<AwsStores>> create() {
    return AwsStores::create(settings_, clock_, random_);
  }

  Settings settings_;
  SystemClock clock_;
  SystemRandom random_;
};

std::string no_such_table(const FakeRequest&) {
  return testing::answer(400, R"({"__type":"x#ResourceNotFoundException","message":"none"})");
}

TEST_F(AwsStoresTest, NeedsARegionAtAws) {
  const auto stores = create();
  ASSERT_FALSE(stores.ok());
  EXPECT_EQ(stores.error().code, "no_region");
  settings_.aws.region = "eu-central-1";
  EXPECT_TRUE(create().ok());
}

TEST_F(AwsStoresTest, NeedsNoRegionElsewhere) {
  FakeHttpServer server(no_such_table);
  use(server);
  const auto stores = create();
  ASSERT_TRUE(stores.ok());
  EXPECT_FALSE((*stores)->check().ok());
  EXPECT_NE(server.requests().front().header("authorization").find("/us-east-1/dynamodb/"),
            std::string::npos);
}

TEST_F(AwsStoresTest, RefusesANameThatIsNoBuckets) {
  settings_.aws.region = "eu-central-1";
  settings_.s3.bucket = "No_Bucket";
  EXPECT_EQ(create().error().code, "invalid_setting");
}

TEST_F(AwsStoresTest, SaysWhichTableIsMissing) {
  FakeHttpServer server(no_such_table);
  use(server);
  settings_.dynamodb.table_prefix = "prod_";
  const auto checked = (*create())->check();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, "aws_table_missing");
  EXPECT_NE(checked.error().detail.find("prod_images"), std::string::npos);
  EXPECT_NE(checked.error().detail.find("tintype aws init"), std::string::npos);
}

TEST_F(AwsStoresTest, ADryRunOnlyLooks) {
  FakeHttpServer server([](const FakeRequest& request) {
    if (!request.header("x-amz-target").empty()) return no_such_table(request);
    return testing::answer(404, "<Error><Code>NoSuchBucket</Code></Error>");
  });
  use(server);
  std::vector<std::string> lines;
  const auto done =
      (*create())->provision(true, [&](const std::string& line) { lines.push_back(line); });
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_TRUE(*done);
  EXPECT_EQ(lines.front(), "table images: would be made");
  EXPECT_EQ(lines.at(1), "table images: point-in-time recovery: would be turned on");
  for (const auto& request : server.requests()) {
    const std::string operation = request.header("x-amz-target");
    if (operation.empty()) EXPECT_TRUE(request.method == "GET" || request.method == "HEAD");
    else EXPECT_NE(operation.find(".Describe"), std::string::npos) << operation;
  }
}

}  // namespace
}  // namespace tintype

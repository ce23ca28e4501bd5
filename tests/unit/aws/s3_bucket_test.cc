#include "adapters/aws/s3_bucket.h"

#include "adapters/aws/s3_bucket_rules.h"
#include "s3_fixture.h"

namespace tintype::testing {
namespace {

using Outcome = BucketStepOutcome;

const BucketWishes kWishes{.cors_origins = {"https://app.example.org"}};

using Outcomes = std::vector<std::pair<std::string, Outcome>>;

// What was told; `error` is where the error goes, if one is expected.
Outcomes provision(S3Client& client, const BucketWishes& wishes, bool dry_run = false,
                   std::optional<Error>* error = nullptr) {
  Outcomes out;
  const auto done = provision_bucket(client, wishes, dry_run, [&](const BucketStep& step) {
    out.emplace_back(step.subject, step.outcome);
  });
  EXPECT_EQ(done.ok(), error == nullptr) << (done.ok() ? "" : done.error().detail);
  if (!done.ok() && error) *error = done.error();
  return out;
}

Error failure(S3Client& client, const BucketWishes& wishes) {
  std::optional<Error> error;
  provision(client, wishes, false, &error);
  return error.value_or(Error{});
}

// Refuses PUT of a subresource.
FakeS3::Interruption refusing(const std::string& subresource, int status, const std::string& code) {
  return [=](const FakeRequest& request, auto) -> std::optional<std::string> {
    if (request.method == "PUT" && request.target.ends_with("?" + subresource + "="))
      return FakeS3::error(status, code);
    return std::nullopt;
  };
}

Outcomes all(Outcome outcome) {
  return {{"bucket images", outcome},
          {"public access block", outcome},
          {"encryption", outcome},
          {"lifecycle", outcome},
          {"CORS", outcome}};
}

TEST(S3Bucket, IsMadeOnceAndThenVerified) {
  FakeS3Store s3(false);
  auto& client = s3.store->client();
  EXPECT_EQ(provision(client, kWishes, true), all(Outcome::would_do));
  EXPECT_FALSE(s3.fake.exists());
  EXPECT_EQ(provision(client, kWishes), all(Outcome::done));
  EXPECT_TRUE(s3.fake.exists());
  EXPECT_EQ(s3.fake.configuration("cors"),
            "<CORSConfiguration><CORSRule><ID>tintype</ID><AllowedMethod>GET</AllowedMethod>"
            "<AllowedMethod>HEAD</AllowedMethod><AllowedMethod>POST</AllowedMethod>"
            "<AllowedMethod>PUT</AllowedMethod><AllowedOrigin>https://app.example.org"
            "</AllowedOrigin><AllowedHeader>*</AllowedHeader><MaxAgeSeconds>3600</MaxAgeSeconds>"
            "<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>");
  EXPECT_EQ(provision(client, kWishes), all(Outcome::present));
  EXPECT_EQ(provision(client, kWishes, true), all(Outcome::present));
}

TEST(S3Bucket, WhatDiffersIsChanged) {
  FakeS3Store s3;
  auto& client = s3.store->client();
  provision(client, kWishes);
  BucketWishes others = kWishes;
  others.cors_origins.push_back("https://two.example.org");
  others.incoming_days = 7;
  const auto steps = provision(client, others, true);
  EXPECT_EQ(steps.at(2).second, Outcome::present);
  EXPECT_EQ(steps.at(3).second, Outcome::would_do);
  EXPECT_EQ(steps.at(4).second, Outcome::would_do);
  provision(client, others);
  EXPECT_NE(s3.fake.configuration("lifecycle").find("<Days>7</Days>"), std::string::npos);
  EXPECT_EQ(s3.fake.configuration("lifecycle").find("<Days>2</Days>"), std::string::npos);
  EXPECT_EQ(provision(client, others), all(Outcome::present));
}

TEST(S3Bucket, RulesOfOthersStay) {
  FakeS3Store s3;
  const std::string foreign =
      "<Rule><ID>archive</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>"
      "<Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>";
  s3.fake.set_configuration(
      "lifecycle", "<LifecycleConfiguration>\n  " + foreign + "\n</LifecycleConfiguration>");
  s3.fake.set_configuration("encryption",
                            "<ServerSideEncryptionConfiguration><Rule>"
                            "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms"
                            "</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
                            "</ServerSideEncryptionConfiguration>");
  const auto steps = provision(s3.store->client(), kWishes);
  EXPECT_EQ(steps.at(2), (std::pair<std::string, Outcome>{"encryption", Outcome::present}));
  EXPECT_EQ(s3.fake.configuration("lifecycle").find("<LifecycleConfiguration>" + foreign), 0u)
      << s3.fake.configuration("lifecycle");
  EXPECT_NE(s3.fake.configuration("lifecycle").find("<ID>tintype</ID>"), std::string::npos);
}

TEST(S3Bucket, WhatAServerDoesNotKnowIsReported) {
  FakeS3Store s3;
  s3.fake.does_not_know("publicAccessBlock");
  const auto steps = provision(s3.store->client(), kWishes);
  EXPECT_EQ(steps.at(1).second, Outcome::unsupported);
  EXPECT_EQ(steps.at(2).second, Outcome::done);
}

// Ceph RGW without a key store answers so.
TEST(S3Bucket, ServersWithoutAKeyStoreNeedNotEncrypt) {
  FakeS3Store s3;
  s3.fake.interrupt([](const FakeRequest& request, auto) -> std::optional<std::string> {
    if (request.method == "PUT" && request.target.ends_with("?encryption="))
      return FakeS3::error(400, "InvalidArgument");
    return std::nullopt;
  });
  const auto steps = provision(s3.store->client(), kWishes);
  EXPECT_EQ(steps.at(2).second, Outcome::unsupported);
  s3.fake.interrupt([](const FakeRequest& request, auto) -> std::optional<std::string> {
    if (request.method == "PUT") return FakeS3::error(400, "InvalidArgument");
    return std::nullopt;
  });
  failure(s3.store->client(), {.incoming_days = 9});
}

TEST(S3Bucket, WhatIsRefusedIsAnError) {
  FakeS3Store s3;
  s3.fake.fail_next(100, FakeS3::error(403, "AccessDenied"));
  EXPECT_EQ(failure(s3.store->client(), kWishes).code, "s3_access_denied");
  FakeS3Store taken(false);
  taken.fake.interrupt([](const FakeRequest& request, auto) -> std::optional<std::string> {
    if (request.method == "PUT") return FakeS3::error(409, "BucketAlreadyExists");
    return std::nullopt;
  });
  const auto error = create_bucket(taken.store->client()).error();
  EXPECT_EQ(error.code, "s3_access_denied");
  EXPECT_EQ(error.detail,
            "The name of the bucket \"images\" is somebody else's already: choose "
            "another s3.bucket.");
}

TEST(S3Bucket, ErrorsNameTheSetting) {
  FakeS3Store s3;
  s3.fake.interrupt(refusing("cors", 400, "InvalidRequest"));
  EXPECT_EQ(failure(s3.store->client(), kWishes).detail,
            "Bucket's CORS: The object store refused a request as wrong (InvalidRequest). Check "
            "cors.origins.");
  s3.fake.interrupt(refusing("lifecycle", 400, "InvalidRequest"));
  EXPECT_TRUE(failure(s3.store->client(), {.incoming_days = 9})
                  .detail.ends_with("Check upload.expires_after."));
  s3.fake.interrupt(refusing("lifecycle", 403, "AccessDenied"));
  const auto denied = failure(s3.store->client(), {.incoming_days = 9}).detail;
  EXPECT_TRUE(denied.starts_with("Bucket's lifecycle: ") && denied.ends_with("(AccessDenied)."))
      << denied;
  s3.fake.fail_next(100, "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(failure(s3.store->client(), kWishes).detail.ends_with("choose another s3.bucket."));
}

TEST(S3Bucket, StepsBeforeAnErrorAreTold) {
  FakeS3Store s3(false);
  s3.fake.interrupt(refusing("lifecycle", 403, "AccessDenied"));
  std::optional<Error> error;
  EXPECT_EQ(provision(s3.store->client(), kWishes, false, &error),
            (Outcomes{{"bucket images", Outcome::done},
                      {"public access block", Outcome::done},
                      {"encryption", Outcome::done}}));
}

TEST(S3Bucket, OurCorsRuleGoesWithTheOrigins) {
  const std::string foreign =
      "<CORSRule><ID>other</ID><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://o.example"
      "</AllowedOrigin></CORSRule>";
  const std::string kept = "<CORSConfiguration>" + foreign + "</CORSConfiguration>";
  for (const auto& before : {std::string(), kept}) {
    FakeS3Store s3;
    auto& client = s3.store->client();
    s3.fake.set_configuration("cors", before);
    EXPECT_EQ(provision(client, {}).size(), 4u);  // none of ours: none of our business
    provision(client, kWishes);
    const std::string with_ours = s3.fake.configuration("cors");
    EXPECT_NE(with_ours.find("<ID>tintype</ID>"), std::string::npos);
    EXPECT_EQ(provision(client, {}, true).back(),
              (std::pair<std::string, Outcome>{"CORS", Outcome::would_remove}));
    EXPECT_EQ(s3.fake.configuration("cors"), with_ours);
    EXPECT_EQ(provision(client, {}).back(),
              (std::pair<std::string, Outcome>{"CORS", Outcome::removed}));
    EXPECT_EQ(s3.fake.configuration("cors"), before);
    EXPECT_EQ(provision(client, {}).size(), 4u);
  }
  FakeS3Store unknown;
  unknown.fake.does_not_know("cors");
  EXPECT_EQ(provision(unknown.store->client(), {}).size(), 4u);
  FakeS3Store missing(false);
  EXPECT_EQ(provision(missing.store->client(), {}, true).size(), 4u);
}

TEST(S3Bucket, IncomingObjectsOutliveTheirUploads) {
  using std::chrono::hours;
  EXPECT_EQ(incoming_days_for(seconds(1)), 2);
  EXPECT_EQ(incoming_days_for(hours(24)), 2);
  EXPECT_EQ(incoming_days_for(hours(24) + milliseconds(1)), 3);
  EXPECT_EQ(incoming_days_for(hours(24) * 30), 31);
}

TEST(S3Bucket, ALostAnswerToItsMakingIsNoError) {
  FakeS3Store s3(false);
  auto left = std::make_shared<std::atomic<int>>(1);
  s3.fake.interrupt(
      [left](const FakeRequest& request, FakeS3::When when) -> std::optional<std::string> {
        if (request.method == "PUT" && when == FakeS3::When::after && left->fetch_sub(1) > 0)
          return "";
        return std::nullopt;
      });
  EXPECT_EQ(create_bucket(s3.store->client())->outcome, Outcome::done);
}

TEST(S3Bucket, IsDestroyedWithAllObjects) {
  FakeS3Store s3;
  for (int i = 0; i < 1001; ++i) s3.fake.add("deep/" + std::to_string(i), "x");
  auto& client = s3.store->client();
  auto removal = destroy_bucket(client, true);
  ASSERT_TRUE(removal.ok());
  EXPECT_EQ(removal->objects, 1001u);
  EXPECT_EQ(s3.fake.keys().size(), 1001u);
  removal = destroy_bucket(client, false);
  ASSERT_TRUE(removal.ok()) << removal.error().detail;
  EXPECT_TRUE(removal->existed);
  EXPECT_EQ(removal->objects, 1001u);
  EXPECT_FALSE(s3.fake.exists());
  removal = destroy_bucket(client, false);
  ASSERT_TRUE(removal.ok());
  EXPECT_FALSE(removal->existed);
}

TEST(S3Bucket, VersionsAreNotDestroyedSilently) {
  FakeS3Store s3;
  s3.fake.interrupt([](const FakeRequest& request, auto) -> std::optional<std::string> {
    if (request.method == "DELETE") return FakeS3::error(409, "BucketNotEmpty");
    return std::nullopt;
  });
  EXPECT_EQ(destroy_bucket(s3.store->client(), false).error().code, "bucket_not_empty");
}

TEST(S3Bucket, PublicAccessIsBlockedAsFarAsTheServerCan) {
  const auto at_aws = wanted_public_access_block(nullptr, true);
  ASSERT_TRUE(at_aws);
  for (const auto& block : at_aws->children) EXPECT_EQ(block.text, "true") << block.name;
  const auto elsewhere = wanted_public_access_block(nullptr, false);
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->text_of("BlockPublicAcls"), "false");
  EXPECT_EQ(elsewhere->text_of("IgnorePublicAcls"), "true");
  EXPECT_EQ(wanted_public_access_block(&*at_aws, true), std::nullopt);
  EXPECT_EQ(wanted_public_access_block(&*elsewhere, false), std::nullopt);
  EXPECT_EQ(wanted_public_access_block(&*at_aws, false), std::nullopt);  // somebody's choice
  EXPECT_TRUE(wanted_public_access_block(&*elsewhere, true));
}

TEST(S3Bucket, RulesAreTheSameInAnyOrder) {
  const auto wanted = wanted_lifecycle(nullptr, kWishes);
  ASSERT_TRUE(wanted);
  auto other = *wanted;
  std::ranges::reverse(other.children.front().children);
  EXPECT_EQ(wanted_lifecycle(&other, kWishes), std::nullopt);
}

}  // namespace
}  // namespace tintype::testing

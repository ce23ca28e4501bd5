#include "adapters/aws/s3_presigner.h"

#include "s3_fixture.h"
#include "signing/post_policy.h"
#include "signing/presign.h"

namespace tintype::testing {
namespace {

const Timestamp kNow{seconds{1'790'000'000}};

struct Signer {
  EndingCredentials credentials;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<S3ObjectStore> store;

  explicit Signer(S3Settings settings) {
    S3ObjectStoreOptions options;
    options.client.s3 = std::move(settings);
    store = S3ObjectStore::create(std::move(options), credentials, clock, random).value();
  }
};

S3Settings at_aws() { return {.bucket = "photos", .region = "eu-central-1"}; }

// What the URL allows, checked as a server would.
Result<sigv4::VerifiedUrl> verify(
    const Signer& signer, const std::string& method, const std::string& url,
    const std::string& host, std::vector<std::pair<std::string_view, std::string_view>> headers,
    Timestamp now) {
  const auto path = url.find('/', url.find("://") + 3);
  const auto query = url.find('?');
  const std::string raw_path = url.substr(path, query - path), raw_query = url.substr(query + 1);
  headers.emplace_back("host", host);
  return sigv4::verify_presigned({method, raw_path, raw_query, headers},
                                 signer.store->client().location().region, "s3", now,
                                 [&](std::string_view) { return signer.credentials.current.keys; });
}

TEST(S3Presigner, SignsForTheEndpointThatClientsUse) {
  Signer aws(at_aws());
  auto url = aws.store->presign_get({.key = "a b", .now = kNow})->url;
  EXPECT_EQ(url.find("https://photos.s3.eu-central-1.amazonaws.com/a%20b?"), 0u) << url;
  EXPECT_TRUE(verify(aws, "GET", url, "photos.s3.eu-central-1.amazonaws.com", {}, kNow).ok());
  Signer own({.bucket = "photos",
              .endpoint = "http://10.0.0.7:7480",
              .public_endpoint = "https://cdn.example.org"});
  url = own.store->presign_get({.key = "a", .now = kNow})->url;
  EXPECT_EQ(url.find("https://cdn.example.org/photos/a?"), 0u) << url;
  EXPECT_TRUE(verify(own, "GET", url, "cdn.example.org", {}, kNow).ok());
}

TEST(S3Presigner, APutBindsTypeLengthAndHash) {
  Signer aws(at_aws());
  const auto digest = base64_encode(sha256("x"));
  const auto put = aws.store->presign_put({.key = "incoming/a",
                                           .content_type = "image/png",
                                           .size = 12,
                                           .sha256 = sha256("x"),
                                           .now = kNow});
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(put->expires_at, kNow + seconds(900));
  const std::string host = "photos.s3.eu-central-1.amazonaws.com";
  auto sent = [&](std::string_view type, std::string_view length, std::string_view hash) {
    return verify(aws, "PUT", put->url, host,
                  {{"content-type", type},
                   {"content-length", length},
                   {"x-amz-checksum-sha256", hash}},
                  kNow)
        .ok();
  };
  EXPECT_TRUE(sent("image/png", "12", digest));
  EXPECT_FALSE(sent("image/gif", "12", digest));
  EXPECT_FALSE(sent("image/png", "13", digest));
  EXPECT_FALSE(sent("image/png", "12", base64_encode(sha256("y"))));
}

TEST(S3Presigner, NoUrlOutlivesItsKeys) {
  Signer aws(at_aws());
  aws.credentials.current.keys.session_token = "token";
  aws.credentials.current.expires_at = kNow + milliseconds(60'500);
  const auto url = aws.store->presign_get({.key = "a", .now = kNow});
  ASSERT_TRUE(url.ok());
  EXPECT_NE(url->url.find("X-Amz-Expires=60&"), std::string::npos) << url->url;
  EXPECT_NE(url->url.find("X-Amz-Security-Token=token"), std::string::npos);
  EXPECT_EQ(url->expires_at, kNow + seconds(60));
  const auto put = aws.store->presign_put({.key = "a", .now = kNow});
  EXPECT_EQ(put->expires_at, kNow + seconds(60));
  const auto form = aws.store->presign_post({.key = "a", .max_size = 1, .now = kNow});
  EXPECT_EQ(form->expires_at, kNow + seconds(60));
  EXPECT_FALSE(
      aws.store->presign_get({.key = "a", .now = kNow, .expires_in = seconds{604801}}).ok());
  aws.credentials.current.expires_at = kNow + seconds(3600);
  EXPECT_EQ(aws.store->presign_get({.key = "a", .now = kNow})->expires_at, kNow + seconds(900));
}

TEST(S3Presigner, KeysThatHaveEndedAreRenewed) {
  Signer aws(at_aws());
  aws.credentials.current.expires_at = kNow;
  aws.credentials.next = AwsCredentials{{"AKIDNEXT", "secret", {}}, kNow + seconds(30)};
  const auto url = aws.store->presign_get({.key = "a", .now = kNow});
  ASSERT_TRUE(url.ok());
  EXPECT_NE(url->url.find("AKIDNEXT"), std::string::npos);
  EXPECT_EQ(url->expires_at, kNow + seconds(30));
  aws.credentials.current.expires_at = kNow;
  EXPECT_EQ(aws.store->presign_get({.key = "a", .now = kNow}).error().kind, ErrorKind::unavailable);
}

TEST(S3Presigner, FormsGoToTheBucket) {
  const PresignPost request{
      .key = "incoming/a", .content_type = "image/png", .max_size = 100, .now = kNow};
  Signer aws(at_aws());
  auto form = aws.store->presign_post(request);
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->url, "https://photos.s3.eu-central-1.amazonaws.com/");
  const auto verified =
      sigv4::verify_post_policy(form->fields, "photos", "eu-central-1", kNow,
                                [&](std::string_view) { return aws.credentials.current.keys; });
  ASSERT_TRUE(verified.ok()) << verified.error().detail;
  EXPECT_EQ(verified->max_size, 100u);
  Signer own({.bucket = "photos", .endpoint = "http://10.0.0.7:7480"});
  EXPECT_EQ(own.store->presign_post(request)->url, "http://10.0.0.7:7480/photos");
}

}  // namespace
}  // namespace tintype::testing

// The examples that AWS publishes in the S3 API reference ("Authenticating Requests: Using the
// Authorization Header" and "... Using Query Parameters").
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "signing/presign.h"

namespace tintype::sigv4 {
namespace {

const Credentials kKey{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
constexpr std::string_view kHost = "examplebucket.s3.amazonaws.com";

Scope scope() { return {*parse_amz_date("20130524T000000Z"), "us-east-1", "s3"}; }

// The authorization header for a request whose body is `body`.
std::string authorization(CanonicalInput input, std::string_view body) {
  input.payload_hash = hex_encode(sha256(body));
  input.headers.emplace_back("Host", kHost);
  for (const auto& [name, value] : sign_headers(kKey, scope(), input))
    if (name == "authorization") return value;
  return "";
}

std::string expected(std::string_view signed_headers, std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=" +
         std::string(signed_headers) + ", Signature=" + std::string(signature);
}

TEST(PublishedExamples, GetObjectWithRange) {
  CanonicalInput input{"GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, ""};
  EXPECT_EQ(authorization(input, ""),
            expected("host;range;x-amz-content-sha256;x-amz-date",
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(PublishedExamples, PutObject) {
  CanonicalInput input{
      "PUT",
      "/test$file.text",
      {},
      {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      ""};
  EXPECT_EQ(authorization(input, "Welcome to Amazon S3."),
            expected("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(PublishedExamples, GetBucketLifecycle) {
  CanonicalInput input{"GET", "/", {{"lifecycle", ""}}, {}, ""};
  EXPECT_EQ(authorization(input, ""),
            expected("host;x-amz-content-sha256;x-amz-date",
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST(PublishedExamples, ListObjects) {
  CanonicalInput input{"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, ""};
  EXPECT_EQ(authorization(input, ""),
            expected("host;x-amz-content-sha256;x-amz-date",
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(PublishedExamples, PresignedGet) {
  PresignRequest request{.method = "GET",
                         .scheme_and_host = "https://" + std::string(kHost),
                         .path = "/test.txt",
                         .query = {},
                         .headers = {},
                         .region = "us-east-1",
                         .now = scope().time,
                         .expires_in = seconds(86400)};
  EXPECT_EQ(*presign_url(kKey, request),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(PublishedExamples, PresignedGetVerifies) {
  std::string query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  SignedRequest request{"GET", "/test.txt", query, {{"Host", kHost}}};
  auto verified = verify_presigned(request, "us-east-1", "s3", scope().time,
                                   [](std::string_view) { return kKey; });
  ASSERT_TRUE(verified.ok()) << verified.error().detail;
  EXPECT_EQ(verified->path, "/test.txt");
  EXPECT_EQ(verified->expires_at, scope().time + seconds(86400));
}

// The canonical request of the first example, as printed there.
TEST(PublishedExamples, CanonicalRequest) {
  std::string empty = hex_encode(sha256(""));
  CanonicalInput input{"GET",
                       "/test.txt",
                       {},
                       {{"x-amz-date", "20130524T000000Z"},
                        {"Range", "bytes=0-9"},
                        {"Host", std::string(kHost)},
                        {"x-amz-content-sha256", empty}},
                       empty};
  std::string canonical = canonical_request(input, false);
  EXPECT_EQ(canonical, "GET\n/test.txt\n\nhost:" + std::string(kHost) +
                           "\nrange:bytes=0-9\nx-amz-content-sha256:" + empty +
                           "\nx-amz-date:20130524T000000Z\n\n"
                           "host;range;x-amz-content-sha256;x-amz-date\n" +
                           empty);
  EXPECT_EQ(string_to_sign(scope(), canonical),
            "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
            "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
}

}  // namespace
}  // namespace tintype::sigv4

#include "signing/sigv4.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/encoding.h"
#include "base/hash.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

std::string path_line(std::string_view path, bool twice) {
  std::string text = canonical_request({"GET", std::string(path), {}, {}, "hash"}, twice);
  return std::string(split(text, '\n')[1]);
}

TEST(CanonicalPath, S3EncodesOnceAndKeepsEverySegment) {
  EXPECT_EQ(path_line("", false), "/");
  EXPECT_EQ(path_line("/a b/../c//./d%ü", false), "/a%20b/../c//./d%25%C3%BC");
}

TEST(CanonicalPath, OtherServicesNormaliseAndEncodeTwice) {
  EXPECT_EQ(path_line("", true), "/");
  EXPECT_EQ(path_line("/", true), "/");
  EXPECT_EQ(path_line("/../..", true), "/");
  EXPECT_EQ(path_line("//a//./b/../c d/", true), "/a/c%2520d/");
  EXPECT_EQ(path_line("/a/..", true), "/");
}

TEST(CanonicalQuery, SortsByEncodedNameThenValue) {
  EXPECT_EQ(canonical_query({}), "");
  EXPECT_EQ(canonical_query({{"b", "2"}, {"b", "1"}, {"a", ""}}), "a=&b=1&b=2");
  // `a` sorts before `a-b`, although `=` sorts after `-`.
  EXPECT_EQ(canonical_query({{"a-b", "1"}, {"a", "z"}}), "a=z&a-b=1");
  EXPECT_EQ(canonical_query({{"é", "x y+/"}}), "%C3%A9=x%20y%2B%2F");
}

TEST(CanonicalHeaders, AreFoldedJoinedAndSorted) {
  NameValues headers{{"X-B", "  a  \t b "}, {"x-a", "2"}, {"X-A", " 1 "}, {"x-c", "   "}};
  EXPECT_EQ(signed_header_names(headers), "x-a;x-b;x-c");
  EXPECT_EQ(canonical_request({"GET", "/", {}, headers, "hash"}, false),
            "GET\n/\n\nx-a:2,1\nx-b:a b\nx-c:\n\nx-a;x-b;x-c\nhash");
}

TEST(SignHeaders, AddsTokenAndForS3AloneThePayloadHash) {
  Scope s3{Timestamp(), "eu-central-1", "s3"};
  CanonicalInput input{"GET", "/", {}, {{"host", "a"}}, std::string(kUnsignedPayload)};
  auto names = [&](const Scope& scope, const char* token) {
    std::string out;
    for (const auto& [name, value] : sign_headers({"id", "secret", token}, scope, input))
      out += name + " ";
    return out;
  };
  EXPECT_EQ(names(s3, ""), "x-amz-date x-amz-content-sha256 authorization ");
  EXPECT_EQ(names({Timestamp(), "eu-central-1", "dynamodb"}, "token"),
            "x-amz-date x-amz-security-token authorization ");
}

// The definition of the key, without a cache.
std::string plain_signature(const Credentials& key, const Scope& scope, std::string_view text) {
  std::string k =
      hmac_sha256("AWS4" + key.secret_access_key, format_amz_date(scope.time).substr(0, 8));
  for (const std::string& part : {scope.region, scope.service, std::string("aws4_request")})
    k = hmac_sha256(k, part);
  return hex_encode(hmac_sha256(k, text));
}

TEST(Signature, CacheFollowsEveryPartOfTheKey) {
  const Timestamp day{std::chrono::hours(24 * 20000)};
  std::vector<std::pair<Credentials, Scope>> all;
  for (const char* secret : {"one", "two", ""})
    for (const char* region : {"r1", "r2"})
      for (const char* service : {"s3", "dynamodb"})
        for (int days : {0, 1})
          all.push_back(
              {{"id", secret, ""}, {day + std::chrono::hours(24 * days), region, service}});
  auto check = [&] {
    for (int i = 0; i < 2; ++i)
      for (const auto& [key, a] : all)
        for (const auto& [other, b] : all) {
          ASSERT_EQ(signature(key, a, "text"), plain_signature(key, a, "text"));
          ASSERT_EQ(signature(other, b, "text"), plain_signature(other, b, "text"));
        }
  };
  std::thread other(check);
  check();
  other.join();
}

}  // namespace
}  // namespace tintype::sigv4

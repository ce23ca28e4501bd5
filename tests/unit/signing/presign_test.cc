#include "signing/presign.h"

#include <gtest/gtest.h>

#include "unit/signing/presign_fixture.h"

namespace tintype::sigv4 {
namespace {

constexpr const char* kParameters = "AuthorizationQueryParametersError";

std::string presign_code(const std::function<void(PresignRequest&)>& change) {
  PresignRequest request = put_request();
  change(request);
  auto url = presign_url(kTestKey, request);
  return url.ok() ? "ok" : url.error().code;
}

TEST(Presign, RefusesLifetimesOutsideOneSecondToSevenDays) {
  auto with = [](int s) { return presign_code([&](auto& r) { r.expires_in = seconds(s); }); };
  EXPECT_EQ(with(0), "invalid_lifetime");
  EXPECT_EQ(with(-1), "invalid_lifetime");
  EXPECT_EQ(with(1), "ok");
  EXPECT_EQ(with(604800), "ok");
  EXPECT_EQ(with(604801), "invalid_lifetime");
}

TEST(Presign, RefusesBadEndpointsAndPaths) {
  EXPECT_EQ(presign_code([](auto& r) { r.path = "a"; }), "invalid_path");
  for (const char* endpoint :
       {"", "a.example", "ftp://a", "http://", "http://a/b", "http://u@a", "https://a?b", "://a"})
    EXPECT_EQ(presign_code([&](auto& r) { r.scheme_and_host = endpoint; }), "invalid_endpoint")
        << endpoint;
}

TEST(Presign, WritesTheHostAsClientsSendIt) {
  auto url = [](const char* endpoint) {
    PresignRequest request = put_request();
    request.scheme_and_host = endpoint;
    std::string text = presign_url(kTestKey, request).value();
    return text.substr(0, text.find("/objects"));
  };
  EXPECT_EQ(url("HTTP://Img.Example:80"), "http://img.example");
  EXPECT_EQ(url("https://img.example:443"), "https://img.example");
  EXPECT_EQ(url("http://img.example:443"), "http://img.example:443");
  EXPECT_EQ(url("http://[::1]:8080"), "http://[::1]:8080");
}

TEST(Verify, AcceptsWhatPresignMade) {
  Request request = follow(put_request());
  request.headers.emplace_back("User-Agent", "anything");
  auto url = request.verify(test_time() + seconds(899));
  ASSERT_TRUE(url.ok()) << url.error().detail;
  EXPECT_EQ(url->path, put_request().path);
  EXPECT_EQ(url->query, put_request().query);
  EXPECT_EQ(url->signed_at, test_time());
  EXPECT_EQ(url->expires_at, test_time() + seconds(900));
  EXPECT_EQ(url->signed_headers,
            (std::vector<std::string>{"content-length", "content-type", "host"}));
}

TEST(Verify, AcceptsOtherEscapesOfTheSameUrl) {
  Request request = follow(put_request());
  ASSERT_NE(request.path.find("a%20b%2B%25%C3%BC.jpg"), std::string::npos);
  request.path = "/objects/photo%73/incoming/a%20b+%25%c3%bc%2ejpg";
  request.query = "&&" + request.query + "&";
  EXPECT_EQ(request.code(), "ok");
}

TEST(Verify, ReadsPlusInTheQueryAsSpace) {
  PresignRequest presign = put_request();
  presign.query = {{"name", "a b"}, {"flag", ""}};
  Request request = follow(presign);
  std::size_t at = request.query.find("a%20b");
  request.query.replace(at, 5, "a+b");
  at = request.query.find("flag=");
  request.query.replace(at, 5, "flag");
  EXPECT_EQ(request.code(), "ok");
}

TEST(Verify, ChecksTheTime) {
  Request request = follow(put_request());
  EXPECT_EQ(request.code(test_time() - std::chrono::minutes(15)), "ok");
  auto early = request.verify(test_time() - std::chrono::minutes(15) - milliseconds(1));
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.error().detail, "Request is not yet valid");
  EXPECT_EQ(request.code(test_time() + seconds(900) - milliseconds(1)), "ok");
  auto late = request.verify(test_time() + seconds(900));
  ASSERT_FALSE(late.ok());
  EXPECT_TRUE(late.error().is("AccessDenied"));
  EXPECT_TRUE(late.error().is(ErrorKind::forbidden));
  EXPECT_EQ(late.error().detail, "Request has expired");
}

TEST(Verify, SignsTheMethod) {
  Request request = follow(put_request());
  for (const char* method : {"GET", "HEAD", "put", ""}) {
    request.method = method;
    EXPECT_EQ(request.code(), "SignatureDoesNotMatch") << method;
  }
}

TEST(Verify, NeedsEverySignatureParameterOnce) {
  for (const char* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
                           "X-Amz-SignedHeaders", "X-Amz-Signature"}) {
    Request request = follow(put_request());
    request.set(name, "");
    EXPECT_EQ(request.code(), kParameters) << name;
    request.remove(name);
    EXPECT_EQ(request.code(), kParameters) << name;

    request = follow(put_request());
    request.query += "&" + std::string(name) + "=x";
    EXPECT_EQ(request.code(), kParameters) << name;
    request = follow(put_request());
    request.query += "&" + ascii_lower(name) + "=x";
    EXPECT_EQ(request.code(), kParameters) << name;
  }
  Request request = follow(put_request());
  request.query += "&X-Amz-Other=1&x-amz-other=1";
  EXPECT_EQ(request.code(), kParameters);
}

TEST(Verify, RefusesMalformedParameters) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> bad{
      {"X-Amz-Algorithm", {"AWS4-HMAC-SHA1", "aws4-hmac-sha256"}},
      {"X-Amz-Date",
       {"2026", "20261122T080000", "20261122t080000z", "20261122t080000Z", "20261322T080000Z",
        "20261122T080000Z ", "2026-11-22T08:00:00Z"}},
      {"X-Amz-Expires", {"0", "-1", "+5", "604801", "99999999999999999999", "1e3", "9 ", "abc"}},
      {"X-Amz-SignedHeaders",
       {"content-type", "Host", "host;host", "host;content-type", "host;", ";host", ";",
        "host,content-type"}},
      {"X-Amz-Credential",
       {"AKIATEST", "/20261122/eu-central-1/s3/aws4_request", "AKIATEST/20261122/eu-central-1/s3",
        "AKIATEST/20261122/eu-central-1/s3/aws4_request/",
        "AKIATEST/20261123/eu-central-1/s3/aws4_request",
        "AKIATEST/20261122/us-east-1/s3/aws4_request",
        "AKIATEST/20261122/eu-central-1/dynamodb/aws4_request",
        "AKIATEST/20261122/eu-central-1/s3/aws5_request"}}};
  for (const auto& [name, values] : bad)
    for (const auto& value : values) {
      Request request = follow(put_request());
      request.set(name, value);
      auto result = request.verify();
      ASSERT_FALSE(result.ok()) << name << "=" << value;
      EXPECT_EQ(result.error().code, kParameters) << name << "=" << value;
      EXPECT_TRUE(result.error().is(ErrorKind::invalid));
    }
}

TEST(Verify, SaysWhatIsWrongWithTheRegion) {
  Request request = follow(put_request());
  request.set("X-Amz-Credential", "AKIATEST/20261122/us-east-1/s3/aws4_request");
  EXPECT_NE(request.verify().error().detail.find("expecting 'eu-central-1'"), std::string::npos);
}

TEST(Verify, RefusesBrokenEscapes) {
  Request request = follow(put_request());
  request.path += "%4";
  EXPECT_EQ(request.code(), "InvalidURI");
  for (const char* tail : {"&a=%zz", "&%=1", "&a%2=1"}) {
    request = follow(put_request());
    request.query += tail;
    EXPECT_EQ(request.code(), "InvalidURI") << tail;
  }
}

TEST(Verify, WithoutSignatureIsDenied) {
  Request request = follow(put_request());
  for (const char* query : {"", "a=b", "&", "X-Am=1"}) {
    request.query = query;
    EXPECT_EQ(request.code(), "AccessDenied") << query;
  }
}

TEST(Verify, NeedsEverySignedHeader) {
  for (const char* name : {"Content-Type", "Content-Length", "Host"}) {
    Request request = follow(put_request());
    std::erase_if(request.headers, [&](const auto& h) { return h.first == name; });
    auto result = request.verify();
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().is("SignatureDoesNotMatch"));
    EXPECT_NE(result.error().detail.find(ascii_lower(name)), std::string::npos);

    request.headers.emplace_back(name, "other");
    EXPECT_EQ(request.code(), "SignatureDoesNotMatch");
  }
}

TEST(Verify, RefusesUnsignedAmzHeaders) {
  Request request = follow(put_request());
  request.headers.emplace_back("X-Amz-Checksum-SHA256", "x");
  EXPECT_EQ(request.code(), "AccessDenied");
  request = follow(put_request());
  request.headers.emplace_back("x-amz", "not one of them");
  EXPECT_EQ(request.code(), "ok");
}

TEST(Verify, RefusesASecondWayToSign) {
  Request request = follow(put_request());
  request.headers.emplace_back("Authorization", "Bearer x");
  EXPECT_EQ(request.code(), "InvalidArgument");
}

TEST(Verify, UnknownKeysAndWrongSecrets) {
  Request request = follow(put_request());
  EXPECT_EQ(request.code(test_time(), {"AKIAOTHER", "very/secret+key", ""}), "InvalidAccessKeyId");
  EXPECT_EQ(request.code(test_time(), {"AKIATEST", "very/secret+kez", ""}),
            "SignatureDoesNotMatch");
}

TEST(Verify, SessionTokens) {
  Credentials key{"AKIATEST", "secret", "to/ke+n=="};
  Request request = follow(put_request(), key);
  EXPECT_EQ(request.code(test_time(), key), "ok");
  EXPECT_EQ(request.verify(test_time(), key)->query, put_request().query);
  EXPECT_EQ(request.code(test_time(), {"AKIATEST", "secret", "other"}), "InvalidToken");
  EXPECT_EQ(request.code(test_time(), {"AKIATEST", "secret", ""}), "InvalidToken");
  request.remove("X-Amz-Security-Token");
  EXPECT_EQ(request.code(test_time(), key), "InvalidToken");
}

TEST(Verify, SignaturesOfAnotherLengthOrCase) {
  Request good = follow(put_request());
  std::string hex = good.query.substr(good.query.size() - 64);
  for (const std::string& other :
       {hex.substr(1), hex + "0", std::string(64, '0'), std::string("A") + hex.substr(1)}) {
    Request request = good;
    request.set("X-Amz-Signature", other);
    EXPECT_EQ(request.code(), "SignatureDoesNotMatch");
  }
}

}  // namespace
}  // namespace tintype::sigv4

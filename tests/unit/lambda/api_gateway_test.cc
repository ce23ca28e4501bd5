#include "fronts/lambda/api_gateway.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "fronts/lambda/event.h"
#include "samples.h"

namespace tintype {
namespace {

using namespace testing;

GatewayRequest request_of(const std::string& text) {
  return std::get<GatewayRequest>(parse_event(text).value());
}

std::string header(const GatewayRequest& request, std::string_view name) {
  std::string all;
  for (const auto& [key, value] : request.headers)
    if (key == name) all += (all.empty() ? "" : "|") + value;
  return all;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(GatewayV1, BecomesARequest) {
  auto request = request_of(kRestEvent);
  EXPECT_EQ(request.format, GatewayFormat::v1);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/images/a%20b");
  EXPECT_EQ(request.query, "tags=a%2Bb&tags=sun%20%26%20sea&width=100&redirect=");
  EXPECT_EQ(header(request, "X-Forwarded-For"), "203.0.113.7|70.132.1.1");
  EXPECT_EQ(request.source_ip, "203.0.113.7");
  EXPECT_FALSE(request.body);
  EXPECT_EQ(request.base_url, "https://abc.execute-api.eu-west-1.amazonaws.com/dev");
  ASSERT_TRUE(request.claims);
  EXPECT_EQ(request.claims->subject, "ann");
  EXPECT_EQ(request.claims->scopes, "images:read images:write");
}

TEST(GatewayV1, SingleValuesServeWhereThereAreNoOthers) {
  auto request = request_of(R"({"httpMethod":"GET","path":"/tags","headers":{"Accept":"*/*"},
    "queryStringParameters":{"prefix":"a/b"},"multiValueQueryStringParameters":null,
    "multiValueHeaders":null,"requestContext":{"authorizer":null},"body":""})");
  EXPECT_EQ(request.query, "prefix=a%2Fb");
  EXPECT_EQ(header(request, "Accept"), "*/*");
  EXPECT_EQ(request.body, "");
  EXPECT_FALSE(request.claims);
  EXPECT_EQ(request.base_url, "");
}

TEST(GatewayV1, TheStageGoesOnlyWhenItIsThere) {
  auto path = [](const std::string& text, const std::string& sent, const std::string& stage) {
    return request_of(R"({"httpMethod":"GET","path":")" + text +
                      R"(","requestContext":{"stage":")" + stage + R"(","path":")" + sent +
                      R"("}})")
        .path;
  };
  EXPECT_EQ(path("/images", "/dev/images", "dev"), "/images");
  EXPECT_EQ(path("/dev/images", "/dev/images", "dev"), "/images");
  EXPECT_EQ(path("/dev", "/dev", "dev"), "/");
  EXPECT_EQ(path("/images/x", "/images/images/x", "images"), "/images/x");
  EXPECT_EQ(path("/devil", "/devil", "dev"), "/devil");
}

TEST(GatewayV1, APathIsEncodedWhetherItWasDecodedOrNot) {
  auto path = [](const std::string& text) {
    return request_of(R"({"httpMethod":"GET","path":")" + text + R"(","requestContext":{}})").path;
  };
  EXPECT_EQ(path("/users/a%40b/usage"), "/users/a%40b/usage");
  EXPECT_EQ(path("/users/a@b/usage"), "/users/a@b/usage");
  EXPECT_EQ(path("/images/\xC3\xA9?#%zz%4"), "/images/%C3%A9%3F%23%25zz%254");
  EXPECT_EQ(path("/a\\nb"), "/a%0Ab");
}

TEST(GatewayV1, ABasePathOfTheDomainGoesOff) {
  auto request = request_of(R"({"httpMethod":"GET","path":"/v1/images","requestContext":{
    "stage":"prod","path":"/v1/images","domainName":"img.example.com"}})");
  strip_base_path(request, "/v1");
  EXPECT_EQ(request.path, "/images");
  strip_base_path(request, "/im");
  EXPECT_EQ(request.path, "/images");
  strip_base_path(request, "/images");
  EXPECT_EQ(request.path, "/");
}

TEST(GatewayV1, ALambdaAuthorizerNamesThePrincipal) {
  auto request = request_of(R"({"httpMethod":"GET","path":"/","requestContext":{
    "authorizer":{"principalId":"bob","scope":"admin","integrationLatency":3}}})");
  ASSERT_TRUE(request.claims);
  EXPECT_EQ(request.claims->subject, "bob");
  EXPECT_EQ(request.claims->scopes, "admin");
}

TEST(GatewayV2, BecomesARequest) {
  auto request = request_of(kHttpEvent);
  EXPECT_EQ(request.format, GatewayFormat::v2);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/images");
  EXPECT_EQ(request.query, "tags=a%2Bb&tags=sun%20%26%20sea&redirect");
  EXPECT_EQ(header(request, "cookie"), "one=1; two=2");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.source_ip, "203.0.113.7");
  EXPECT_EQ(request.base_url, "https://id.execute-api.us-east-1.amazonaws.com/dev");
  EXPECT_EQ(request.claims->subject, "ann");
  EXPECT_EQ(request.claims->scopes, "images:read admin");
}

TEST(GatewayV2, TheDefaultStageIsNoPartOfThePath) {
  auto text = replaced(kHttpEvent, R"("stage": "dev")", R"("stage": "$default")");
  EXPECT_EQ(request_of(replaced(text, "/dev/images", "/images")).path, "/images");
  EXPECT_EQ(request_of(text).path, "/dev/images");
}

TEST(Gateway, ABodyThatIsNotBase64IsMarked) {
  auto request = request_of(replaced(kHttpEvent, "aGVsbG8=", "aGVs*G8="));
  EXPECT_TRUE(request.body_is_broken);
}

boost::json::value written(GatewayFormat format, const Response& response, bool head = false) {
  return boost::json::parse(write_gateway_answer(format, response, head).value());
}

Response sample_response() {
  Response response;
  response.status = 201;
  response.set("Content-Type", "application/json");
  response.set("Vary", "Origin");
  response.set("vary", "Accept");
  response.set("Set-Cookie", "a=1");
  response.set("Set-Cookie", "b=2");
  response.set("Content-Length", "999");
  response.set("Connection", "close");
  response.body = "{\"a\":\"\xC3\xA9\"}";
  return response;
}

TEST(GatewayAnswer, OfFormatOne) {
  auto answer = written(GatewayFormat::v1, sample_response());
  EXPECT_EQ(answer, boost::json::parse(R"({"statusCode":201,
    "headers":{"Content-Type":"application/json"},
    "multiValueHeaders":{"Vary":["Origin","Accept"],"Set-Cookie":["a=1","b=2"]},
    "isBase64Encoded":false,"body":"{\"a\":\"é\"}"})"));
}

TEST(GatewayAnswer, OfFormatTwo) {
  auto answer = written(GatewayFormat::v2, sample_response());
  EXPECT_EQ(answer, boost::json::parse(R"({"statusCode":201,
    "headers":{"Content-Type":"application/json","Vary":"Origin, Accept"},
    "cookies":["a=1","b=2"],"isBase64Encoded":false,"body":"{\"a\":\"é\"}"})"));
}

TEST(GatewayAnswer, BytesGoAsBase64) {
  Response response;
  response.set("Content-Type", "image/jpeg");
  response.body = std::make_shared<const std::string>("\xFF\xD8\xFF");
  auto answer = written(GatewayFormat::v1, response);
  EXPECT_EQ(answer.at("isBase64Encoded"), true);
  EXPECT_EQ(answer.at("body"), "/9j/");
  response.headers.front().second = "text/plain";  // which it is not
  EXPECT_EQ(written(GatewayFormat::v1, response).at("isBase64Encoded"), true);
}

TEST(GatewayAnswer, FilesAreReadFromTheirRange) {
  FileBody file{std::make_shared<UniqueFd>(memfd_create("body", MFD_CLOEXEC)), 2, 3};
  ASSERT_EQ(write(file.fd->get(), "abcdefg", 7), 7);
  Response response;
  response.set("Content-Type", "text/plain");
  response.body = file;
  EXPECT_EQ(written(GatewayFormat::v2, response).at("body"), "cde");
  file.length = 30;
  response.body = file;
  EXPECT_FALSE(write_gateway_answer(GatewayFormat::v2, response).ok());
}

TEST(GatewayAnswer, WithoutABody) {
  Response response = sample_response();
  EXPECT_EQ(written(GatewayFormat::v1, response, true).at("body"), "");
  response.status = 304;
  EXPECT_EQ(written(GatewayFormat::v1, response).at("body"), "");
}

}  // namespace
}  // namespace tintype

#include "signing/post_policy.h"

#include <gtest/gtest.h>

#include <functional>

#include "signing/policy_document.h"
#include "unit/signing/presign_fixture.h"

namespace tintype::sigv4 {
namespace {

// The policy of "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)".
constexpr std::string_view kPublishedPolicy =
    "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n"
    "  \"conditions\": [\r\n"
    "    {\"bucket\": \"sigv4examplebucket\"},\r\n"
    "    [\"starts-with\", \"$key\", \"user/user1/\"],\r\n"
    "    {\"acl\": \"public-read\"},\r\n"
    "    {\"success_action_redirect\": "
    "\"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n"
    "    [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n"
    "    {\"x-amz-meta-uuid\": \"14365123651274\"},\r\n"
    "    {\"x-amz-server-side-encryption\": \"AES256\"},\r\n"
    "    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],\r\n"
    "\r\n"
    "    {\"x-amz-credential\": "
    "\"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},\r\n"
    "    {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},\r\n"
    "    {\"x-amz-date\": \"20151229T000000Z\" }\r\n"
    "  ]\r\n"
    "}";
constexpr std::string_view kPublishedSignature =
    "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
const Credentials kPublishedKey{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                ""};

TEST(PublishedPostPolicy, Signature) {
  Scope scope{parse_amz_date("20151229T000000Z").value(), "us-east-1", "s3"};
  EXPECT_EQ(post_policy_signature(kPublishedKey, scope, base64_encode(kPublishedPolicy)),
            kPublishedSignature);
}

TEST(PublishedPostPolicy, Verifies) {
  NameValues fields{{"key", "user/user1/${filename}"},
                    {"acl", "public-read"},
                    {"success_action_redirect",
                     "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
                    {"Content-Type", "image/jpeg"},
                    {"x-amz-meta-uuid", "14365123651274"},
                    {"x-amz-server-side-encryption", "AES256"},
                    {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
                    {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                    {"X-Amz-Date", "20151229T000000Z"},
                    {"x-amz-meta-tag", ""},
                    {"Policy", base64_encode(kPublishedPolicy)},
                    {"X-Amz-Signature", std::string(kPublishedSignature)}};
  auto post =
      verify_post_policy(fields, "sigv4examplebucket", "us-east-1",
                         parse_rfc3339("2015-12-30T11:59:59Z").value(), lookup_of(kPublishedKey));
  ASSERT_TRUE(post.ok()) << post.error().detail;
  EXPECT_EQ(post->key, "user/user1/${filename}");
  EXPECT_EQ(post->content_type, "image/jpeg");
  EXPECT_EQ(post->min_size, 0u);
  EXPECT_EQ(post->max_size, 5ULL << 30);
}

PostPolicyRequest post_request() {
  return {.bucket = "photos",
          .key = "incoming/ü \"1\".jpg",
          .content_type = "image/jpeg",
          .min_size = 1,
          .max_size = 1000,
          .exact_fields = {{"X-Amz-Meta-Note", "a\nb"}},
          .region = "eu-central-1",
          .now = test_time(),
          .expires_in = seconds(600)};
}

NameValues form() { return make_post_policy(kTestKey, post_request()).value(); }

Result<VerifiedPost> verify(const NameValues& fields, Timestamp now = test_time(),
                            const Credentials& key = kTestKey) {
  return verify_post_policy(fields, "photos", "eu-central-1", now, lookup_of(key));
}

std::string code(const NameValues& fields) {
  auto post = verify(fields);
  return post.ok() ? "ok" : post.error().code;
}

std::string& field(NameValues& fields, std::string_view name) {
  for (auto& [n, value] : fields)
    if (n == name) return value;
  return fields.emplace_back(name, "").second;
}

TEST(PostPolicy, MadeFormVerifies) {
  auto post = verify(form(), test_time() + seconds(600) - milliseconds(1));
  ASSERT_TRUE(post.ok()) << post.error().detail;
  EXPECT_EQ(post->key, post_request().key);
  EXPECT_EQ(post->content_type, "image/jpeg");
  EXPECT_EQ(post->min_size, 1u);
  EXPECT_EQ(post->max_size, 1000u);
}

TEST(PostPolicy, FieldsComeInOrder) {
  std::string names;
  NameValues fields = make_post_policy({"id", "s", "t"}, post_request()).value();
  for (const auto& [name, value] : fields) names += name + " ";
  EXPECT_EQ(names,
            "key content-type X-Amz-Meta-Note x-amz-algorithm x-amz-credential x-amz-date "
            "x-amz-security-token policy x-amz-signature ");
}

TEST(PostPolicy, RefusesToMakeNonsense) {
  auto made = [](const std::function<void(PostPolicyRequest&)>& change) {
    PostPolicyRequest request = post_request();
    change(request);
    auto fields = make_post_policy(kTestKey, request);
    return fields.ok() ? "ok" : fields.error().code;
  };
  EXPECT_EQ(made([](auto& r) { r.expires_in = seconds(0); }), "invalid_lifetime");
  EXPECT_EQ(made([](auto& r) { r.expires_in = seconds(604801); }), "invalid_lifetime");
  EXPECT_EQ(made([](auto& r) { r.min_size = 1001; }), "invalid_size");
  EXPECT_EQ(made([](auto& r) { r.key = "\xff"; }), "invalid_encoding");
  EXPECT_EQ(made([](auto& r) { r.exact_fields = {{"a", "\xff"}}; }), "invalid_encoding");
}

TEST(PostPolicy, Expires) {
  auto late = verify(form(), test_time() + seconds(600));
  ASSERT_FALSE(late.ok());
  EXPECT_TRUE(late.error().is("AccessDenied"));
  EXPECT_NE(late.error().detail.find("expired"), std::string::npos);
}

TEST(PostPolicy, BelongsToItsBucketAndRegion) {
  auto other =
      verify_post_policy(form(), "other", "eu-central-1", test_time(), lookup_of(kTestKey));
  EXPECT_EQ(other.error().code, "AccessDenied");
  other = verify_post_policy(form(), "photos", "us-east-1", test_time(), lookup_of(kTestKey));
  EXPECT_EQ(other.error().code, "MalformedPOSTRequest");
  NameValues fields = form();
  fields.emplace_back("bucket", "photos");
  EXPECT_EQ(code(fields), "ok");
  fields.back().second = "other";
  EXPECT_EQ(code(fields), "AccessDenied");
}

TEST(PostPolicy, EveryFieldIsHeldToThePolicy) {
  for (const char* name : {"key", "content-type", "X-Amz-Meta-Note"}) {
    NameValues fields = form();
    field(fields, name) += "x";
    EXPECT_EQ(code(fields), "AccessDenied") << name;
    std::erase_if(fields, [&](const auto& f) { return f.first == name; });
    EXPECT_EQ(code(fields), "AccessDenied") << name;
  }
  NameValues fields = form();
  fields.emplace_back("acl\xff", "public-read");
  auto extra = verify(fields);
  ASSERT_FALSE(extra.ok());
  EXPECT_EQ(extra.error().detail, "Invalid according to Policy: Extra input fields: acl?");
  fields.back() = {"X-Ignore-Me", "x"};
  EXPECT_EQ(code(fields), "ok");
  fields.back() = {"KEY", post_request().key};
  EXPECT_EQ(code(fields), "MalformedPOSTRequest");
}

TEST(PostPolicy, NeedsItsSignatureFields) {
  for (const char* name :
       {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "policy", "x-amz-signature"}) {
    NameValues fields = form();
    field(fields, name) = "";
    EXPECT_EQ(code(fields), "MalformedPOSTRequest") << name;
    field(fields, name) = "x";
    EXPECT_EQ(code(fields), name == std::string("policy") || name == std::string("x-amz-signature")
                                ? "SignatureDoesNotMatch"
                                : "MalformedPOSTRequest")
        << name;
  }
  EXPECT_EQ(code({{"key", "a"}}), "AccessDenied");
  EXPECT_EQ(code({}), "AccessDenied");
}

TEST(PostPolicy, KeysAndTokens) {
  EXPECT_EQ(verify(form(), test_time(), {"OTHER", "x", ""}).error().code, "InvalidAccessKeyId");
  EXPECT_EQ(verify(form(), test_time(), {"AKIATEST", "x", ""}).error().code,
            "SignatureDoesNotMatch");
  Credentials key{"AKIATEST", "secret", "token"};
  NameValues fields = make_post_policy(key, post_request()).value();
  EXPECT_TRUE(verify(fields, test_time(), key).ok());
  field(fields, "x-amz-security-token") = "other";
  EXPECT_EQ(verify(fields, test_time(), key).error().code, "InvalidToken");
}

// A form whose signature is right, whatever its policy says.
NameValues signed_form(std::string_view policy_base64) {
  Scope scope{test_time(), "eu-central-1", "s3"};
  return {{"key", "a/b.jpg"},
          {"Content-Type", "image/png, image/jpeg"},
          {"x-amz-algorithm", std::string(kAlgorithm)},
          {"x-amz-credential", "AKIATEST/" + scope.to_string()},
          {"x-amz-date", format_amz_date(test_time())},
          {"policy", std::string(policy_base64)},
          {"x-amz-signature", post_policy_signature(kTestKey, scope, policy_base64)}};
}

NameValues form_with(const std::string& conditions) {
  return signed_form(base64_encode(
      R"({"expiration":"2026-11-22T09:00:00Z","conditions":[["starts-with","$x-amz-algorithm",""],)"
      R"(["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""])" +
      conditions + "]}"));
}

TEST(PostPolicy, Conditions) {
  const std::string rest = R"(,{"bucket":"photos"},["eq","$key","a/b.jpg"])";
  const std::string type = R"(,["starts-with","$Content-Type","image/"])";
  EXPECT_EQ(code(form_with(rest + type)), "ok");
  EXPECT_EQ(code(form_with(rest)), "AccessDenied");  // content-type lacks a condition
  auto without_bucket = verify(form_with(R"(,["eq","$key","a/b.jpg"])" + type));
  ASSERT_FALSE(without_bucket.ok());
  EXPECT_EQ(without_bucket.error().detail,
            "Invalid according to Policy: Extra input fields: bucket");
  EXPECT_EQ(code(form_with(rest + type + R"(,["starts-with","$key","b"])")), "AccessDenied");
  EXPECT_EQ(code(form_with(rest + type + R"(,["STARTS-WITH","$KEY","a/"])")), "ok");
  EXPECT_EQ(code(form_with(rest + type + R"(,["starts-with","$acl",""])")), "AccessDenied");
  EXPECT_EQ(code(form_with(rest + R"(,["starts-with","$Content-Type","image/p"])")),
            "AccessDenied");  // each type of the list must match
}

TEST(PostPolicy, SizeRangesNarrowEachOther) {
  const std::string rest =
      R"(,{"bucket":"photos"},["eq","$key","a/b.jpg"],["starts-with","$Content-Type",""])";
  auto post = verify(form_with(rest + R"(,["content-length-range",5,100])"
                                      R"(,["Content-Length-Range",0,5e1])"));
  ASSERT_TRUE(post.ok()) << post.error().detail;
  EXPECT_EQ(post->min_size, 5u);
  EXPECT_EQ(post->max_size, 50u);
}

TEST(PostPolicy, RefusesMalformedConditions) {
  for (const char* condition : {"1",
                                "null",
                                "\"a\"",
                                "[]",
                                "{}",
                                R"({"a":1})",
                                R"({"a":"b","c":"d"})",
                                R"(["eq","$a"])",
                                R"(["eq","a","b"])",
                                R"(["eq","$a",1])",
                                R"(["eq",1,"b"])",
                                R"([1,"$a","b"])",
                                R"(["ends-with","$a","b"])",
                                R"(["eq","$a","b","c"])",
                                R"(["content-length-range",-1,5])",
                                R"(["content-length-range",1.5,5])",
                                R"(["content-length-range","1","5"])",
                                R"(["content-length-range",5,1])",
                                R"(["content-length-range",1,99999999999999999999])",
                                R"(["content-length-range",1,2],["content-length-range",3,4])"})
    EXPECT_EQ(code(form_with(std::string(",") + condition)), "InvalidPolicyDocument") << condition;
}

TEST(PostPolicy, RefusesMalformedDocuments) {
  for (const char* text :
       {"", "[]", "{", "{}", "null", R"({"expiration":"2026-11-22T09:00:00Z"})",
        R"({"conditions":[]})", R"({"expiration":1,"conditions":[]})",
        R"({"expiration":"tomorrow","conditions":[]})",
        R"({"expiration":"2026-11-22T09:00:00Z","conditions":{}})",
        R"({"expiration":"2026-11-22T09:00:00Z","conditions":[],"more":1})",
        "{\"expiration\":\"2026-11-22T09:00:00Z\",\"conditions\":[{\"a\":\"\xff\"}]}"}) {
    auto document = parse_policy_document(text);
    ASSERT_FALSE(document.ok()) << text;
    EXPECT_TRUE(document.error().is("InvalidPolicyDocument"));
    EXPECT_TRUE(document.error().is(ErrorKind::invalid));
  }
  EXPECT_EQ(code(signed_form("not base64!")), "InvalidPolicyDocument");
  EXPECT_EQ(code(signed_form(base64_encode("[]"))), "InvalidPolicyDocument");
  std::string deep = R"({"expiration":"2026-11-22T09:00:00Z","conditions":)";
  EXPECT_EQ(code(signed_form(base64_encode(deep + std::string(100000, '[')))),
            "InvalidPolicyDocument");
}

}  // namespace
}  // namespace tintype::sigv4

#include "adapters/aws/credential_json.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

std::string complaint(const Result<AwsCredentials>& got) {
  EXPECT_FALSE(got.ok());
  if (got.ok()) return "";
  EXPECT_TRUE(got.error().is(ErrorKind::invalid));
  return got.error().detail;
}

TEST(ServiceCredentials, AreRead) {
  const auto got = parse_service_credentials(
      R"({"RoleArn":"r","AccessKeyId":"AK","SecretAccessKey":"s/+","Token":"t==",)"
      R"("Expiration":"2026-11-22T09:00:00Z"})");
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.access_key_id, "AK");
  EXPECT_EQ(got->keys.secret_access_key, "s/+");
  EXPECT_EQ(got->keys.session_token, "t==");
  EXPECT_EQ(format_rfc3339(*got->expires_at), "2026-11-22T09:00:00.000Z");
}

TEST(ServiceCredentials, ThatAreNoneAreRefused) {
  const std::string deep = std::string(100'000, '[');
  for (std::string_view text : {std::string_view(""), std::string_view("{"), std::string_view("[]"),
                                std::string_view("null"), std::string_view("{} x"),
                                std::string_view("{\"a\":\"\xff\"}"), std::string_view(deep)})
    EXPECT_EQ(complaint(parse_service_credentials(text)), "the answer is not a JSON object");
}

TEST(ServiceCredentials, LackingAMemberAreRefused) {
  const std::vector<std::pair<std::string, std::string>> members{
      {"AccessKeyId", "\"AK\""},
      {"SecretAccessKey", "\"hush\""},
      {"Token", "\"t\""},
      {"Expiration", "\"2026-11-22T09:00:00Z\""}};
  for (const char* bad : {"", "null", "\"\"", "7", "[]", "{}"}) {
    for (const auto& [missing, unused] : members) {
      std::string json = "{\"x\":1";
      for (const auto& [name, value] : members) {
        const std::string text = name == missing ? bad : value;
        if (!text.empty()) json += ",\"" + name + "\":" + text;
      }
      EXPECT_EQ(complaint(parse_service_credentials(json + "}")), "the answer has no " + missing);
    }
  }
}

TEST(ServiceCredentials, WithOddValuesAreRefusedWithoutNamingThem) {
  auto with = [](std::string id, std::string secret, std::string token, std::string expiration) {
    return complaint(parse_service_credentials(
        "{\"AccessKeyId\":\"" + id + "\",\"SecretAccessKey\":\"" + secret + "\",\"Token\":\"" +
        token + "\",\"Expiration\":\"" + expiration + "\"}"));
  };
  const std::string time = "2026-11-22T09:00:00Z";
  EXPECT_EQ(with("AK", "s", "t", "tomorrow"), "the answer's Expiration is not a time");
  for (std::string odd : {"hush hush", "hush\\r\\nX: y", "hush\\u0000", "hush\\u00e4"}) {
    for (const auto& said :
         {with(odd, "s", "t", time), with("AK", odd, "t", time), with("AK", "s", odd, time)}) {
      EXPECT_NE(said.find("another character that no such key has"), std::string::npos) << said;
      EXPECT_EQ(said.find("hush"), std::string::npos) << said;
    }
  }
}

TEST(ServiceCredentials, ARefusalIsNamed) {
  EXPECT_EQ(complaint(parse_service_credentials(
                R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot ..."})")),
            "the service refused with AssumeRoleUnauthorizedAccess");
}

TEST(ProcessCredentials, MayLackTokenAndExpiration) {
  const auto got = parse_process_credentials(
      R"({"Version":1,"AccessKeyId":"AK","SecretAccessKey":"s","SessionToken":null,"Expiration":null})");
  ASSERT_TRUE(got.ok()) << got.error().detail;
  EXPECT_EQ(got->keys.session_token, "");
  EXPECT_EQ(got->expires_at, std::nullopt);
  const auto all = parse_process_credentials(
      R"({"Version":1,"AccessKeyId":"AK","SecretAccessKey":"s","SessionToken":"t",)"
      R"("Expiration":"2026-11-22T10:00:00+01:00"})");
  ASSERT_TRUE(all.ok()) << all.error().detail;
  EXPECT_EQ(all->keys.session_token, "t");
  EXPECT_EQ(format_rfc3339(*all->expires_at), "2026-11-22T09:00:00.000Z");
}

TEST(ProcessCredentials, OfAnotherVersionAreRefused) {
  for (const char* version : {"", "\"Version\":2,", "\"Version\":\"1\",", "\"Version\":1.0,",
                              "\"Version\":-1,", "\"Version\":18446744073709551615,"})
    EXPECT_EQ(complaint(parse_process_credentials("{" + std::string(version) +
                                                  R"("AccessKeyId":"AK","SecretAccessKey":"s"})")),
              "the answer's Version is not 1");
  EXPECT_EQ(complaint(parse_process_credentials(R"({"Version":1,"SecretAccessKey":"s"})")),
            "the answer has no AccessKeyId");
}

}  // namespace
}  // namespace tintype

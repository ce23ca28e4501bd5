#include "fronts/lambda/event.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace tintype {
namespace {

using namespace testing;

std::string name_of(const std::string& text) {
  auto event = parse_event(text);
  return event.ok() ? std::string(event_name(*event)) : event.error().code;
}

std::string quoted(std::string text) {
  std::string out = "\"";
  for (char c : text)
    if (c == '"' || c == '\\') out.append("\\").append(1, c);
    else if (c != '\n') out += c;
  return out + "\"";
}

TEST(LambdaEvent, KindsAreToldApart) {
  EXPECT_EQ(name_of(kRestEvent), "http");
  EXPECT_EQ(name_of(kHttpEvent), "http");
  EXPECT_EQ(name_of(records(s3_record("incoming/x"))), "s3");
  EXPECT_EQ(name_of(records(s3_record("incoming/x", "b", "ceph:s3"))), "s3");
  EXPECT_EQ(name_of(kBridgeEvent), "s3");
  EXPECT_EQ(name_of(R"({"Records":[{"eventSource":"aws:sqs","messageId":"1","body":"{}"}]})"),
            "sqs");
  EXPECT_EQ(name_of(kTestEvent), "s3-test");
  EXPECT_EQ(name_of(kScheduleEvent), "janitor");
  EXPECT_EQ(name_of(R"({"action":"janitor"})"), "janitor");
}

TEST(LambdaEvent, OthersAreErrorsThatSayNothingOfThePayload) {
  for (const std::string text :
       {"{}", R"({"Records":[]})", R"({"Records":7})", R"({"action":"secret"})",
        R"({"Records":[{"eventSource":"aws:kinesis"}]})", R"({"httpMethod":"GET"})",
        R"({"version":"2.0"})"}) {
    EXPECT_EQ(name_of(text), "unknown_event") << text;
    EXPECT_EQ(parse_event(text).error().detail.find("secret"), std::string::npos);
  }
  for (const std::string text :
       {"", "null", "[]", "\"x\"", "{", "{\"a\":1}x", "\xff", "{\"a\":\"\xff\"}"})
    EXPECT_EQ(name_of(text), "malformed_event") << text;
}

TEST(LambdaEvent, DeepNestingEndsTheParserEarly) {
  EXPECT_EQ(name_of(std::string(100'000, '[')), "malformed_event");
  EXPECT_EQ(name_of("{\"a\":" + std::string(50'000, '[')), "malformed_event");
}

TEST(LambdaEvent, HttpEventsNeedMethodAndPath) {
  EXPECT_EQ(name_of(R"({"httpMethod":7,"path":"/","requestContext":{}})"), "malformed_event");
  EXPECT_EQ(name_of(R"({"httpMethod":"GET","path":"images","requestContext":{}})"),
            "malformed_event");
  EXPECT_EQ(name_of(R"({"httpMethod":"GET","requestContext":{}})"), "malformed_event");
  EXPECT_EQ(name_of(R"({"version":"2.0","rawPath":"/","requestContext":{"http":{}}})"),
            "malformed_event");
  EXPECT_EQ(name_of(R"({"version":"2.0","requestContext":{"http":{"method":"GET"}}})"),
            "malformed_event");
  EXPECT_EQ(name_of(R"({"httpMethod":"GET","path":"/","requestContext":{}})"), "http");
}

TEST(LambdaEvent, KeysAreFormDecodedButThoseOfCephAndEventBridge) {
  auto key = [](const std::string& text) {
    return std::get<S3Event>(parse_event(text).value()).arrivals.at(0).key;
  };
  EXPECT_EQ(key(records(s3_record("incoming/a+b%2Bc"))), "incoming/a b+c");
  EXPECT_EQ(key(records(s3_record("incoming/a+b%2Bc", "b", "ceph:s3"))), "incoming/a+b%2Bc");
  EXPECT_EQ(key(records(s3_record("incoming/%C3%A9", "b", "minio:s3", "s3:ObjectCreated:Post"))),
            "incoming/\xC3\xA9");
  EXPECT_EQ(key(kBridgeEvent), "incoming/a+b");
}

TEST(LambdaEvent, ARecordThatMakesNoSenseSpoilsNoOther) {
  auto text = records(
      s3_record("incoming/a") + ",7,{},{\"s3\":{\"object\":[]}}," + s3_record("bad%2") + "," +
      s3_record("x", "b", "aws:s3", "ObjectRemoved:Delete") + "," + s3_record("incoming/b"));
  auto event = std::get<S3Event>(parse_event(text).value());
  ASSERT_EQ(event.arrivals.size(), 2u);
  EXPECT_EQ(event.arrivals[0], (Arrival{"test-bucket", "incoming/a"}));
  EXPECT_EQ(event.arrivals[1].key, "incoming/b");
  EXPECT_EQ(event.others, 5u);
}

TEST(LambdaEvent, MessagesKeepTheirIds) {
  auto text = R"({"Records":[{"eventSource":"aws:sqs","messageId":"m1","body":)" +
              quoted(records(s3_record("incoming/a"))) + R"(},8,{"messageId":9}]})";
  auto event = std::get<QueueEvent>(parse_event(text).value());
  ASSERT_EQ(event.messages.size(), 2u);
  EXPECT_EQ(event.messages[0].id, "m1");
  EXPECT_TRUE(std::holds_alternative<S3Event>(parse_event(event.messages[0].body).value()));
  EXPECT_EQ(event.messages[1].id, "");
}

}  // namespace
}  // namespace tintype

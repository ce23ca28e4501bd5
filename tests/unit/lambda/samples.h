// Events as the documentation of their sources shows them, shortened to what somebody could read.
#pragma once

#include <string>

namespace tintype::testing {

inline const std::string kRestEvent = R"({
  "resource": "/images/{image_id}",
  "path": "/images/a b",
  "httpMethod": "GET",
  "headers": {"Accept": "application/json", "X-Forwarded-For": "203.0.113.7, 70.132.1.1"},
  "multiValueHeaders": {"Accept": ["application/json"], "X-Forwarded-For": ["203.0.113.7", "70.132.1.1"]},
  "queryStringParameters": {"tags": "sun & sea", "width": "100"},
  "multiValueQueryStringParameters": {"tags": ["a+b", "sun & sea"], "width": ["100"], "redirect": [""]},
  "pathParameters": {"image_id": "a b"},
  "stageVariables": null,
  "requestContext": {
    "resourceId": "123456", "stage": "dev", "path": "/dev/images/a%20b", "httpMethod": "GET",
    "domainName": "abc.execute-api.eu-west-1.amazonaws.com", "requestId": "c6af9ac6-7b61-11e6-9a41",
    "identity": {"sourceIp": "203.0.113.7", "userAgent": "curl"},
    "authorizer": {"claims": {"sub": "ann", "scope": "images:read images:write", "exp": "17"}}
  },
  "body": null,
  "isBase64Encoded": false
})";

inline const std::string kHttpEvent = R"({
  "version": "2.0",
  "routeKey": "$default",
  "rawPath": "/dev/images",
  "rawQueryString": "tags=a%2Bb&tags=sun%20%26%20sea&redirect",
  "cookies": ["one=1", "two=2"],
  "headers": {"accept": "text/html, application/json", "content-type": "application/json"},
  "queryStringParameters": {"tags": "a+b,sun & sea", "redirect": ""},
  "requestContext": {
    "accountId": "123456789012", "apiId": "api-id", "stage": "dev",
    "domainName": "id.execute-api.us-east-1.amazonaws.com",
    "authorizer": {"jwt": {"claims": {"sub": "ann"}, "scopes": ["images:read", "admin"]}},
    "http": {"method": "POST", "path": "/dev/images", "protocol": "HTTP/1.1",
             "sourceIp": "203.0.113.7", "userAgent": "agent"},
    "requestId": "id", "routeKey": "$default"
  },
  "body": "aGVsbG8=",
  "isBase64Encoded": true
})";

inline std::string s3_record(const std::string& key, const std::string& bucket = "test-bucket",
                             const std::string& source = "aws:s3",
                             const std::string& name = "ObjectCreated:Put") {
  return R"({"eventVersion":"2.1","eventSource":")" + source +
         R"(","awsRegion":"eu-west-1","eventTime":"2026-11-22T08:00:00.000Z","eventName":")" +
         name +
         R"(","s3":{"s3SchemaVersion":"1.0","configurationId":"uploads","bucket":{"name":")" +
         bucket + R"(","arn":"arn:aws:s3:::x"},"object":{"key":")" + key +
         R"(","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e","sequencer":"0A1B2C3D4E5F678901"}}})";
}
inline std::string records(const std::string& inner) { return "{\"Records\":[" + inner + "]}"; }

inline const std::string kTestEvent = R"({"Service":"Amazon S3","Event":"s3:TestEvent",
  "Time":"2026-11-22T08:00:00.000Z","Bucket":"test-bucket","RequestId":"5582815E1AEA5ADF","HostId":"8c"})";

inline const std::string kScheduleEvent =
    R"({"version":"0","id":"53dc4d37","detail-type":"Scheduled Event",
  "source":"aws.events","account":"123456789012","time":"2026-11-22T08:00:00Z","region":"us-east-1",
  "resources":["arn:aws:events:us-east-1:123456789012:rule/janitor"],"detail":{}})";

inline const std::string kBridgeEvent =
    R"({"version":"0","detail-type":"Object Created","source":"aws.s3",
  "detail":{"version":"0","bucket":{"name":"test-bucket"},"object":{"key":"incoming/a+b","size":5},
  "reason":"PutObject"}})";

}  // namespace tintype::testing

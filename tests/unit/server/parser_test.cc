// The parts that look at bytes, without sockets.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "fronts/server/body_reader.h"
#include "fronts/server/head_scan.h"
#include "fronts/server/input_buffer.h"
#include "fronts/server/request_parser.h"
#include "fronts/server/request_target.h"
#include "fronts/server/response_head.h"

namespace tintype {
namespace {

const std::string sample =
    "PUT /objects/b/k%20x?X-Amz-Date=20261122T080000Z&q HTTP/1.1\r\nHost: example:8080\r\n"
    "Content-Type: image/png\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n";

TEST(HeadScan, FindsTheEndHoweverTheBytesArrive) {
  for (std::size_t step = 1; step <= sample.size(); ++step) {
    HeadScan scan;
    HeadScan::Status status = HeadScan::Status::need_more;
    for (std::size_t n = step; status == HeadScan::Status::need_more; n += step)
      status = scan.scan(std::string_view(sample + "body\n\n").substr(0, n));
    ASSERT_EQ(status, HeadScan::Status::complete);
    ASSERT_EQ(scan.size(), sample.size());
  }
}

TEST(RequestHead, FillsTheRequest) {
  Request request;
  RequestTraits traits;
  ASSERT_FALSE(parse_request_head(sample, 100, request, traits));
  EXPECT_EQ(request.method, Method::put);
  EXPECT_EQ(request.method_text, "PUT");
  EXPECT_EQ(request.raw_path, "/objects/b/k%20x");
  EXPECT_EQ(request.raw_query, "X-Amz-Date=20261122T080000Z&q");
  EXPECT_TRUE(request.chunked);
  EXPECT_FALSE(request.content_length);
  ASSERT_EQ(request.headers.size(), 4u);
  EXPECT_EQ(request.headers[0].first, "Host");
  EXPECT_EQ(request.headers[0].second, "example:8080");
  EXPECT_TRUE(traits.keep_alive && traits.http11 && !traits.expects_continue);
}

TEST(RequestHead, MethodsAreCaseSensitive) {
  Request request;
  RequestTraits traits;
  ASSERT_FALSE(parse_request_head("get / HTTP/1.1\r\nHost: x\r\n\r\n", 9, request, traits));
  EXPECT_EQ(request.method, Method::other);
  EXPECT_EQ(request.method_text, "get");
}

// Whatever the bytes are, nothing is read outside of them (the sanitizers watch) and every decoded
// byte was given.
TEST(RequestHead, SurvivesMutatedHeads) {
  std::mt19937 random(1);
  const std::string_view bits = "\r\n\0: \t;,=x9\xff/";
  for (int round = 0; round < 30'000; ++round) {
    std::string bytes = sample;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      const std::size_t at = random() % bytes.size();
      if (random() % 2 == 0) {
        bytes[at] = bits[random() % bits.size()];
      } else {
        bytes.erase(at, random() % 8);
      }
    }
    HeadScan scan;
    if (scan.scan(bytes) != HeadScan::Status::complete) continue;
    const std::string head = bytes.substr(0, scan.size());  // its own allocation
    Request request;
    RequestTraits traits;
    if (parse_request_head(head, 100, request, traits)) continue;
    ASSERT_TRUE(request.raw_path.starts_with('/'));
    for (const auto& [name, value] : request.headers) {
      ASSERT_FALSE(name.empty());
      ASSERT_EQ(value.find_first_of(std::string_view("\r\n\0", 3)), std::string_view::npos);
    }
  }
}

// Decodes `raw` in pieces of `step`; the decoded bytes, or "bad".
std::string decode(const std::string& raw, std::size_t step, std::string* surplus = nullptr) {
  Request request;
  RequestTraits traits;
  EXPECT_FALSE(parse_request_head(sample, 100, request, traits));
  BodyReader body;
  body.start(request);
  std::string out;
  std::size_t at = 0;
  while (!body.complete() && !body.bad() && at < raw.size()) {
    at += body.offer(std::string_view(raw).substr(at, step));
    if (body.piece_ready()) {
      out.append(body.piece());
      body.drop_piece();
    }
  }
  if (surplus != nullptr) *surplus = std::string(body.surplus()) + raw.substr(at);
  if (body.bad()) return "bad";
  return body.complete() ? out : "incomplete";
}

TEST(BodyReader, DecodesChunksHoweverTheyArrive) {
  std::string raw, plain;
  std::mt19937 random(2);
  for (const std::size_t size : {1, 15, 16, 70'000, 3, 65'536, 200'000}) {
    char line[40];
    std::snprintf(line, sizeof line, "%zx;ext=\"v\"\r\n", size);
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    raw += line + bytes + "\r\n";
    plain += bytes;
  }
  raw += "0\r\nTrailer: t\r\n\r\n";
  for (const std::size_t step : {1, 2, 3, 17, 1000, 65'536, 1'000'000}) {
    std::string surplus;
    ASSERT_TRUE(decode(raw + "GET next", step, &surplus) == plain) << step;
    ASSERT_EQ(surplus, "GET next") << step;
  }
}

TEST(BodyReader, BadChunksAreBad) {
  for (const char* raw :
       {"x\r\n", "\r\n", "-1\r\n", "1\r\nab\r\n", "1\nab", "1 1\r\na\r\n", "1\r\na1\r\nb",
        "1\r\na\n", "ffffffffffffffffff\r\n", "1000000000000000\r\n", "0\r\n: x\r\n\r\n",
        "1;\x01\r\na\r\n", "0\r\nno colon\r\n"})
    EXPECT_EQ(decode(std::string(raw) + std::string(9000, 'z'), 9000), "bad") << raw;
}

TEST(BodyReader, SurvivesMutatedChunks) {
  std::mt19937 random(3);
  for (int round = 0; round < 10'000; ++round) {
    std::string raw = "5\r\nhello\r\n00a;x=1\r\n0123456789\r\n0\r\nA: b\r\n\r\n";
    for (unsigned i = 0; i < 1 + random() % 3; ++i)
      raw[random() % raw.size()] = "\r\n0f;:\0z"[random() % 8];
    const std::string out = decode(raw, 1 + random() % 10);
    ASSERT_LE(out.size(), raw.size());
  }
}

TEST(InputBuffer, KeepsTheBytesInOrder) {
  std::mt19937 random(4);
  InputBuffer buffer;
  std::string expected;
  for (int round = 0; round < 5'000; ++round) {
    const auto space = buffer.space();
    const std::size_t n = std::min<std::size_t>(space.size(), random() % 700);
    for (std::size_t i = 0; i < n; ++i) expected.push_back(space[i] = static_cast<char>(random()));
    buffer.commit(n);
    if (random() % 20 == 0) {
      buffer.prepend("front");
      expected.insert(0, "front");
    }
    const std::size_t gone = random() % (buffer.size() + 1);
    buffer.consume(gone);
    expected.erase(0, gone);
    ASSERT_TRUE(buffer.view() == expected);
    if (random() % 50 == 0) buffer.shrink();
  }
}

TEST(RequestTarget, Forms) {
  EXPECT_EQ(parse_request_target("/a?b?c", false)->query, "b?c");
  EXPECT_EQ(parse_request_target("http://h", false)->path, "/");
  EXPECT_EQ(parse_request_target("http://h?q", false)->query, "q");
  EXPECT_EQ(parse_request_target("http://h:1/p", false)->authority, "h:1");
  EXPECT_FALSE(parse_request_target("http:///p", false));
  EXPECT_FALSE(parse_request_target("", false));
  EXPECT_TRUE(parse_request_target("*", true));
}

TEST(ResponseHead, UnknownStatusesHaveAReasonToo) {
  Response response;
  response.status = 299;
  std::string head;
  append_response_head(head, response, ConnectionHeader::none, "D");
  EXPECT_EQ(head, "HTTP/1.1 299 Status\r\nServer: tintype\r\nDate: D\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace tintype

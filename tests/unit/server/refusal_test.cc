// What is refused, how it is said, and that the answer reaches the client.
#include "unit/server/server_fixture.h"

namespace tintype::testing {
namespace {

using namespace std::chrono_literals;

struct Malformed {
  const char* name;
  std::string request;
  int status;
};

class MalformedTest : public ServerTest, public ::testing::WithParamInterface<Malformed> {};

TEST_P(MalformedTest, IsRefusedAndClosed) {
  start();
  Client client = connect();
  client.send(GetParam().request);
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(client.reset_seen());
  EXPECT_EQ(client.unread(), "");  // nothing behind it was taken for a request
  EXPECT_EQ(api.handled, 0);
}

std::string post(std::string_view headers, std::string_view body) {
  return "POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

const Malformed malformed[] = {
    {"LengthAndChunked",
     post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + get("/hello")), 400},
    {"ChunkedAndLength",
     post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + get("/hello")), 400},
    {"TwoLengths", post("Content-Length: 4\r\nContent-Length: 5\r\n", "abcd"), 400},
    {"TwoLengthsInOne", post("Content-Length: 4, 5\r\n", "abcd"), 400},
    {"SignedLength", post("Content-Length: +4\r\n", "abcd"), 400},
    {"NegativeLength", post("Content-Length: -4\r\n", "abcd"), 400},
    {"HexLength", post("Content-Length: 0x4\r\n", "abcd"), 400},
    {"EmptyLength", post("Content-Length: \r\n", "abcd"), 400},
    {"HugeLength", post("Content-Length: 99999999999999999999999\r\n", "abcd"), 400},
    {"ChunkedTwice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
    {"ChunkedTwoHeaders",
     post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"OtherCoding", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
    {"IdentityCoding", post("Transfer-Encoding: identity\r\n", "abcd"), 501},
    {"ChunkedIn10", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"Folded", get("/hello", "X-A: b\r\n c: d\r\n"), 400},
    {"FoldedTab", get("/hello", "X-A: b\r\n\tc: d\r\n"), 400},
    {"FoldedFirst", "GET /hello HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"Nul", get("/hello", std::string("X-A: b\0c\r\n", 10)), 400},
    {"BareCr", get("/hello", "X-A: b\rX-B: c\r\n"), 400},
    {"BareLf", "GET /hello HTTP/1.1\nHost: x\n\n", 400},
    {"BareLfLater", get("/hello", "X-A: b\nX-B: c\r\n"), 400},
    {"SpaceBeforeColon", post("Content-Length : 4\r\n", "abcd"), 400},
    {"NoName", get("/hello", ": b\r\n"), 400},
    {"NoColon", get("/hello", "X-A\r\n"), 400},
    {"NoHost", "GET /hello HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", get("/hello", "Host: y\r\n"), 400},
    {"AuthorityForm", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"StarGet", get("*"), 400},
    {"NoSlash", get("hello"), 400},
    {"OtherScheme", get("ftp://x/hello"), 400},
    {"Fragment", get("/hello#x"), 400},
    {"SpaceInTarget", get("/hello there"), 505},
    {"ControlInTarget", get("/hel\x01lo"), 400},
    {"BadMethod", "GE(T /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"Http09", "GET /hello\r\n\r\n", 400},
    {"TlsHello", std::string("\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03\r\n\r\n", 15), 400},
    {"OtherExpectation", get("/hello", "Expect: magic\r\n"), 417},
    {"LongLine", "GET /" + std::string(20'000, 'a'), 414},
    {"LongHeader", get("/hello", "X-A: " + std::string(20'000, 'a') + "\r\n"), 431},
    {"BadChunkSize", post("Transfer-Encoding: chunked\r\n", "zz\r\n"), 400},
    {"ChunkWithoutEnd", post("Transfer-Encoding: chunked\r\n", "2\r\nabcd\r\n"), 400},
    {"HugeChunkSize", post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nx"), 400},
    {"EndlessChunkLine", post("Transfer-Encoding: chunked\r\n", "1;" + std::string(9'000, 'x')),
     400},
    {"ChunksOverLimit",
     post("Transfer-Encoding: chunked\r\n", "7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n"),
     413},
};

INSTANTIATE_TEST_SUITE_P(Requests, MalformedTest, ::testing::ValuesIn(malformed),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(ServerTest, TooManyHeaders) {
  options.header_count_limit = 10;
  start();
  std::string many;
  for (int i = 0; i < 10; ++i) many += "X-" + std::to_string(i) + ": v\r\n";
  EXPECT_EQ(connect().ask(get("/hello", many)).status, 431);
  EXPECT_EQ(connect().ask(get("/hello", many.substr(8))).status, 200);
}

TEST_F(ServerTest, LargeHeadsWithinTheLimitWork) {
  start();
  Client client = connect();
  for (const std::size_t size : {1'000, 3'000, 15'000, 10, 15'900})
    EXPECT_EQ(client.ask(get("/hello", "X-A: " + std::string(size, 'a') + "\r\n")).status, 200);
}

TEST_F(ServerTest, EqualRepeatedLengthsAreOne) {
  start();
  EXPECT_EQ(connect().ask(post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")).body, "abc");
}

TEST_F(ServerTest, ADeclaredBodyOverTheLimitIsRefusedBeforeItIsRead) {
  start();
  Client client = connect();
  const Answer answer = client.ask(post("Content-Length: 1000000\r\n", ""));
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(answer.has("Connection: close"));
}

TEST_F(ServerTest, ASmallUnwantedBodyIsReadPastAndTheConnectionKept) {
  start();
  Client client = connect();
  client.send(post("Content-Length: 1001\r\n", std::string(1001, 'x')) + get("/hello"));
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 413);
  client.close();
  Client denied = connect();
  denied.send("POST /denied HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" +
              std::string(50'000, 'x') + get("/hello"));
  EXPECT_EQ(denied.read().status, 401);
  EXPECT_EQ(denied.read().body, "hello");
}

TEST_F(ServerTest, ABodyWhereNoneBelongs) {
  start();
  EXPECT_EQ(connect().ask(get("/hello", "Content-Length: 3\r\n") + "abc").status, 413);
}

// The client sends megabytes while the answer is already on its way; it must be able to read it.
TEST_F(ServerTest, TheAnswerToAnEarlyRefusalSurvivesTheRestOfTheUpload) {
  start();
  for (int round = 0; round < 10; ++round) {
    Client client = connect();
    client.send("PUT /upload-refused HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n");
    client.send(std::string(2'000'000, 'x'));
    const Answer answer = client.read();
    ASSERT_EQ(answer.status, 403) << round;
    EXPECT_EQ(answer.body, "refused");
    EXPECT_TRUE(answer.has("Connection: close"));
  }
}

TEST_F(ServerTest, ContinueIsSentOnceTheRequestIsAccepted) {
  start();
  Client client = connect();
  const Answer interim = client.ask(post("Content-Length: 3\r\nExpect: 100-continue\r\n", ""));
  EXPECT_EQ(interim.status, 100);
  EXPECT_EQ(interim.head, "HTTP/1.1 100 Continue");
  EXPECT_EQ(client.ask("abc").body, "abc");

  const Answer second = client.ask(
      "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(second.status, 100);
  EXPECT_EQ(client.ask("abc").body, FakeApi::summary(3, sum_of("abc")));
}

TEST_F(ServerTest, RefusedInsteadOfContinueCloses) {
  start();
  for (const char* path : {"/denied", "/upload-refused"}) {
    Client client = connect();
    const Answer answer = client.ask("PUT " + std::string(path) +
                                     " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                                     "Expect: 100-continue\r\n\r\n");
    EXPECT_GE(answer.status, 401);
    EXPECT_TRUE(answer.has("Connection: close"));
    EXPECT_TRUE(client.ended());
  }
}

TEST_F(ServerTest, NoContinueToOldClientsOrWhenTheBodyIsThere) {
  start();
  EXPECT_EQ(connect()
                .ask("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")
                .status,
            200);
  EXPECT_EQ(connect().ask(post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc")).status,
            200);
}

}  // namespace
}  // namespace tintype::testing

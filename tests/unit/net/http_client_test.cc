#include "net/http_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/fake_http_server.h"

namespace tintype {
namespace {

using testing::answer;
using testing::FakeHttpServer;
using testing::FakeRequest;

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.deadline = deadline_in(seconds(10));
  return request;
}

UniqueFd file_of(std::string_view bytes) {
  char path[] = "/tmp/tintype-net-XXXXXX";
  UniqueFd fd(::mkstemp(path));
  ::unlink(path);
  EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return fd;
}

// A port on which nothing listens.
std::string refused_url() {
  FakeHttpServer server([](auto&) { return ""; });
  return server.url();
}

TEST(HttpClient, SendsMethodTargetHeadersAndBodyAsGiven) {
  FakeHttpServer server([](auto&) { return answer(201, "made", "ETag: \"1\"\r\nX-Two:  b \r\n"); });
  auto request = get(server.url("/a%2Fb/../c?x=%20&y=+"));
  request.method = "PATCH";
  request.headers = {{"Content-Type", "text/x"}, {"X-Empty", ""}};
  request.body = std::string("a\0b", 3);
  auto response = HttpClient().send(request);
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_EQ(response->header("etag"), "\"1\"");
  EXPECT_EQ(response->header("x-two"), "b");
  EXPECT_EQ(response->header("none"), std::nullopt);
  auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "PATCH");
  EXPECT_EQ(seen.target, "/a%2Fb/../c?x=%20&y=+");
  EXPECT_EQ(seen.header("content-type"), "text/x");
  EXPECT_NE(seen.head.find("X-Empty:"), std::string::npos);
  EXPECT_EQ(seen.header("expect"), "");
  EXPECT_EQ(seen.body, std::string("a\0b", 3));
}

TEST(HttpClient, StreamsAFileWithItsLengthAndReportsProgress) {
  FakeHttpServer server([](auto&) { return answer(200, ""); });
  std::string bytes(3'000'000, 'x');
  bytes[2'999'999] = 'y';
  auto fd = file_of(bytes);
  std::uint64_t last = 0;
  auto request = get(server.url("/k"));
  request.method = "PUT";
  request.file = HttpFileBody{fd.get(), bytes.size(), [&](std::uint64_t sent) {
                                EXPECT_GE(sent, last);
                                last = sent;
                              }};
  auto response = HttpClient().send(request);
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(last, bytes.size());
  auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.header("content-length"), "3000000");
  EXPECT_EQ(seen.header("transfer-encoding"), "");
  EXPECT_TRUE(seen.body == bytes);
}

TEST(HttpClient, AFileThatIsShorterThanSaidIsAnError) {
  FakeHttpServer server([](auto&) { return answer(200, ""); });
  auto fd = file_of("short");
  auto request = get(server.url());
  request.method = "PUT";
  request.file = HttpFileBody{fd.get(), 100, {}};
  auto response = HttpClient().send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().is(ErrorKind::internal));
}

TEST(HttpClient, OneThreadKeepsItsConnection) {
  FakeHttpServer server([](auto&) { return answer(200, "ok"); });
  std::thread([&] {
    HttpClient client;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.send(get(server.url())).ok());
  }).join();
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, HeadGetsNoBodyAndThe204IsAnAnswer) {
  FakeHttpServer server([](const FakeRequest& request) {
    return request.method == "HEAD" ? "HTTP/1.1 200 x\r\nContent-Length: 99\r\n\r\n"
                                    : "HTTP/1.1 204 x\r\n\r\n";
  });
  auto request = get(server.url());
  request.method = "HEAD";
  auto head = HttpClient().send(request);
  ASSERT_TRUE(head.ok()) << head.error().detail;
  EXPECT_EQ(head->header("content-length"), "99");
  request.method = "DELETE";
  EXPECT_EQ(HttpClient().send(request)->status, 204);
}

TEST(HttpClient, RedirectsAndErrorsAreAnswers) {
  FakeHttpServer server([](const FakeRequest& request) {
    return request.target == "/go" ? answer(302, "", "Location: /there\r\n") : answer(503, "later");
  });
  auto redirect = HttpClient().send(get(server.url("/go")));
  ASSERT_TRUE(redirect.ok());
  EXPECT_EQ(redirect->status, 302);
  EXPECT_EQ(redirect->header("location"), "/there");
  EXPECT_EQ(HttpClient().send(get(server.url("/busy")))->status, 503);
}

TEST(HttpClient, InformationalAnswersLeaveNoHeaders) {
  FakeHttpServer server(
      [](auto&) { return "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(200, "x"); });
  auto response = HttpClient().send(get(server.url()));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->header("link"), std::nullopt);
}

TEST(HttpClient, NobodyListeningIsUnavailable) {
  auto response = HttpClient().send(get(refused_url()));
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().is(ErrorKind::unavailable)) << response.error().detail;
}

TEST(HttpClient, UnknownHostIsUnavailable) {
  auto response = HttpClient().send(get("http://no-such-host.invalid/"));
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().is(ErrorKind::unavailable)) << response.error().detail;
}

TEST(HttpClient, BrokenAnswersAreUnavailable) {
  for (std::string bytes :
       {"", "HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 x\r\nConnection: close\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nab"}) {
    FakeHttpServer server([&](auto&) { return bytes; });
    auto response = HttpClient().send(get(server.url()));
    ASSERT_FALSE(response.ok()) << bytes;
    EXPECT_TRUE(response.error().is(ErrorKind::unavailable)) << response.error().detail;
  }
}

TEST(HttpClient, DeadlineEndsARequestWithoutAnswer) {
  FakeHttpServer* self = nullptr;
  FakeHttpServer server([&](auto&) {
    self->hang();
    return "";
  });
  self = &server;
  auto request = get(server.url("/slow?X-Amz-Signature=secret"));
  auto begin = std::chrono::steady_clock::now();
  request.deadline = deadline_in(milliseconds(200));
  auto response = HttpClient().send(request);
  auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().is(ErrorKind::timeout)) << response.error().detail;
  EXPECT_EQ(response.error().detail.find("secret"), std::string::npos);
  EXPECT_GE(took, milliseconds(190));
  EXPECT_LT(took, seconds(3));
}

TEST(HttpClient, DeadlineEndsABodyThatStops) {
  FakeHttpServer server(
      [](auto&) { return "HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nabc"; });  // stays open
  auto request = get(server.url());
  request.deadline = deadline_in(milliseconds(200));
  EXPECT_TRUE(HttpClient().send(request).error().is(ErrorKind::timeout));
}

TEST(HttpClient, StandstillIsGivenUpBeforeTheDeadline) {
  FakeHttpServer server([](auto&) { return "HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nabc"; });
  HttpClientOptions options;
  options.low_speed_time = seconds(1);
  auto begin = std::chrono::steady_clock::now();
  auto response = HttpClient(options).send(get(server.url()));
  EXPECT_TRUE(response.error().is(ErrorKind::timeout));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(6));
}

TEST(HttpClient, WaitsForEverWhenToldTo) {
  FakeHttpServer server([](const FakeRequest&) {
    ::usleep(1'500'000);
    return answer(200, "at last");
  });
  HttpClientOptions options;
  options.low_speed_time = seconds(1);
  HttpRequest request;
  request.url = server.url("/");
  request.deadline = deadline_in(milliseconds(100));
  request.wait_forever = true;
  auto response = HttpClient(options).send(request);
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(response->body, "at last");
  // The next request of the same connection has its limits again.
  request.wait_forever = false;
  request.deadline = deadline_in(milliseconds(300));
  EXPECT_TRUE(HttpClient(options).send(request).error().is(ErrorKind::timeout));
}

TEST(HttpClient, PassedDeadlineSendsNothing) {
  FakeHttpServer server([](auto&) { return answer(200, ""); });
  auto request = get(server.url());
  request.deadline = deadline_in(milliseconds(-1));
  EXPECT_TRUE(HttpClient().send(request).error().is(ErrorKind::timeout));
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, AnswersHaveACap) {
  FakeHttpServer server([](auto&) { return answer(200, std::string(1000, 'x')); });
  auto request = get(server.url());
  request.max_response = 1000;
  EXPECT_TRUE(HttpClient().send(request).ok());
  request.max_response = 999;
  auto response = HttpClient().send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().is("response_too_large"));
}

TEST(HttpClient, DownloadsGoToAFileAndHaveACap) {
  FakeHttpServer server([](const FakeRequest& request) {
    return request.target == "/none" ? answer(404, "why") : answer(200, std::string(1000, 'x'));
  });
  auto fd = file_of(std::string(2000, 'o'));
  auto request = get(server.url());
  request.download_to = fd.get();
  request.max_download = 1000;
  auto response = HttpClient().send(request);
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(response->downloaded, 1000u);
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_END), 1000);
  request.max_download = 999;
  EXPECT_TRUE(HttpClient().send(request).error().is("response_too_large"));
  request.url = server.url("/none");
  response = HttpClient().send(request);
  EXPECT_EQ(response->body, "why");
  EXPECT_EQ(response->downloaded, 0u);
}

TEST(HttpClient, ABodyIsNotCalledAForm) {
  FakeHttpServer server([](auto&) { return answer(200, ""); });
  auto request = get(server.url());
  request.method = "PUT";
  ASSERT_TRUE(HttpClient().send(request).ok());
  request.headers = {{"Content-Type", "application/xml"}};
  ASSERT_TRUE(HttpClient().send(request).ok());
  EXPECT_EQ(server.requests().at(0).header("content-type"), "");
  EXPECT_EQ(server.requests().at(1).header("content-type"), "application/xml");
}

// libcurl sends again by itself when a connection that it has used before breaks.
TEST(HttpClient, SaysHowOftenARequestWasSent) {
  std::atomic<int> served{0};
  FakeHttpServer server([&](auto&) { return served++ == 1 ? "" : answer(200, ""); });
  auto first = HttpClient().send(get(server.url()));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->sends, 1);
  auto second = HttpClient().send(get(server.url()));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->sends, 2);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(HttpClient, BadUrlsAndHeadersAreInvalid) {
  for (auto url : {"", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "nonsense://x"}) {
    auto response = HttpClient().send(get(url));
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_TRUE(response.error().is(ErrorKind::invalid)) << url << " " << response.error().detail;
  }
  FakeHttpServer server([](auto&) { return answer(200, ""); });
  auto request = get(server.url());
  request.headers = {{"X-A", "b\r\nX-Injected: c"}};
  EXPECT_TRUE(HttpClient().send(request).error().is("invalid_header"));
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, OptionsOfOneRequestDoNotReachTheNext) {
  FakeHttpServer server([](auto&) { return answer(200, "ok"); });
  auto post = get(server.url());
  post.method = "POST";
  post.body = "b";
  post.headers = {{"X-One", "1"}};
  ASSERT_TRUE(HttpClient().send(post).ok());
  ASSERT_TRUE(HttpClient().send(get(server.url())).ok());
  auto second = server.requests().at(1);
  EXPECT_EQ(second.method, "GET");
  EXPECT_EQ(second.header("x-one"), "");
  EXPECT_EQ(second.body, "");
}

}  // namespace
}  // namespace tintype

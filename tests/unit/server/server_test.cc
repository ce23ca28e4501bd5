#include "fronts/server/server.h"

#include <sys/resource.h>

#include "unit/server/server_fixture.h"

namespace tintype::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(ServerTest, AnswersWithTheHeadersOfEveryAnswer) {
  start();
  Client client = connect();
  const Answer answer = client.ask(get("/hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.has("HTTP/1.1 200 OK"));
  EXPECT_TRUE(answer.has("Server: tintype"));
  EXPECT_TRUE(answer.has("Content-Length: 5"));
  EXPECT_TRUE(answer.has("Content-Type: text/plain"));
  EXPECT_NE(answer.head.find("\r\nDate: "), std::string::npos);
  EXPECT_NE(answer.head.find(" GMT"), std::string::npos);
  EXPECT_EQ(answer.head.find("Connection:"), std::string::npos);
}

TEST_F(ServerTest, KeepsTheConnection) {
  start();
  Client client = connect();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_EQ(client.ask(get("/slow")).body, "slow");
  EXPECT_EQ(client.ask(get("/nothing")).status, 404);
  EXPECT_TRUE(eventually([&] { return api.finished == 52; }));
}

TEST_F(ServerTest, ConnectionCloseIsObeyed) {
  start();
  Client client = connect();
  const Answer answer = client.ask(get("/hello", "Connection: close\r\n"));
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(client.reset_seen());
}

TEST_F(ServerTest, Http10ClosesUnlessAskedToStay) {
  start();
  Client client = connect();
  EXPECT_TRUE(client.ask("GET /hello HTTP/1.0\r\n\r\n").has("Connection: close"));
  EXPECT_TRUE(client.ended());

  Client staying = connect();
  const std::string request = "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_TRUE(staying.ask(request).has("Connection: keep-alive"));
  EXPECT_EQ(staying.ask(request).body, "hello");
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  start();
  Client client = connect();
  const Answer head = client.ask("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", true);
  EXPECT_TRUE(head.has("Content-Length: 5"));
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");  // nothing of a body stands before it
}

TEST_F(ServerTest, StatusesWithoutBodyHaveNoLength) {
  start();
  Client client = connect();
  const Answer empty = client.ask(get("/empty"));
  EXPECT_EQ(empty.status, 204);
  EXPECT_EQ(empty.head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.ask(get("/unchanged")).head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(ServerTest, HeaderValuesCannotEndALine) {
  start();
  const Answer answer = connect().ask(get("/reply"));
  EXPECT_TRUE(answer.has("X-Value: a  Injected: yes"));
}

TEST_F(ServerTest, TargetsInEveryForm) {
  start();
  Client client = connect();
  EXPECT_EQ(client.ask(get("/target?a=%20b&c")).body, "/target a=%20b&c");
  EXPECT_EQ(client.ask(get("http://other.example:81/target?q")).body, "/target q");
  EXPECT_EQ(client.ask(get("HTTPS://other.example/host")).body, "other.example");
  EXPECT_EQ(client.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").body, "star");
  EXPECT_EQ(client.ask(get("/remote")).body, "127.0.0.1");
}

TEST_F(ServerTest, PipelinedRequestsSplitAtEveryByte) {
  start();
  const std::string requests =
      get("/hello") + "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" +
      "POST /store HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nxy\r\n1;e=1\r\nz\r\n0\r\nT: v\r\n\r\n" +
      get("/target?last");
  for (std::size_t split = 0; split <= requests.size(); ++split) {
    Client client = connect();
    client.send(requests.substr(0, split));
    if (split % 7 == 0) std::this_thread::sleep_for(2ms);
    client.send(requests.substr(split));
    ASSERT_EQ(client.read().body, "hello") << split;
    ASSERT_EQ(client.read().body, "abc") << split;
    ASSERT_EQ(client.read().body, FakeApi::summary(3, sum_of("xyz"))) << split;
    ASSERT_EQ(client.read().body, "/target last") << split;
  }
}

TEST_F(ServerTest, OneByteAtATime) {
  start();
  Client client = connect();
  const std::string request =
      "\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "a\r\n0123456789\r\n0\r\n\r\n";
  for (const char c : request) {
    client.send({&c, 1});
    std::this_thread::sleep_for(200us);
  }
  EXPECT_EQ(client.read().body, "0123456789");
}

TEST_F(ServerTest, BlockingAndInlineAnswersStayInOrder) {
  api.slow_for = 50ms;
  start();
  Client client = connect();
  client.send(get("/slow") + get("/hello") + get("/slow") + get("/target?z"));
  EXPECT_EQ(client.read().body, "slow");
  EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(client.read().body, "slow");
  EXPECT_EQ(client.read().body, "/target z");
}

TEST_F(ServerTest, PipeliningThousandsDoesNotStarveOthers) {
  options.io_threads = 1;
  start();
  Client greedy = connect();
  std::thread writer([&] {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += get("/hello");
    for (int i = 0; i < 20; ++i) greedy.send(many);
  });
  std::thread reader([&] {
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(greedy.read().body, "hello") << i;
  });
  Client modest = connect();
  for (int i = 0; i < 20; ++i) {
    const Deadline before = std::chrono::steady_clock::now();
    ASSERT_EQ(modest.ask(get("/target?m")).body, "/target m");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
  }
  writer.join();
  reader.join();
}

TEST_F(ServerTest, AnswersOnIpv6) {
  options.address = "::1";
  auto created = Server::create(options, api);
  if (!created.ok()) {
    // A machine without IPv6 is the one excuse; any other failure to bind is the server's.
    const std::string& detail = created.error().detail;
    ASSERT_TRUE(detail.find("Cannot assign requested address") != std::string::npos ||
                detail.find("Address family not supported") != std::string::npos)
        << detail;
    GTEST_SKIP() << detail;
  }
  EXPECT_EQ((*created)->url(), "http://[::1]:" + std::to_string((*created)->port()));
  std::thread thread([&] { (*created)->run(); });
  UniqueFd fd(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons((*created)->port());
  address.sin6_addr = in6addr_loopback;
  ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string request = get("/remote", "Connection: close\r\n");
  ::send(fd.get(), request.data(), request.size(), 0);
  std::string answer(4096, '\0');
  answer.resize(::recv(fd.get(), answer.data(), answer.size(), MSG_WAITALL));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n::1"));
  (*created)->stop();
  thread.join();
}

TEST_F(ServerTest, AddressInUseIsOneClearSentence) {
  start();
  ServerOptions second = options;
  second.port = server->port();
  const auto created = Server::create(second, api);
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().code, "address_in_use");
  EXPECT_EQ(created.error().detail, "cannot listen on 127.0.0.1 port " +
                                        std::to_string(second.port) +
                                        ": the address is in use by another program");
}

TEST_F(ServerTest, BadAddressesAreRefused) {
  options.address = "not an address";
  EXPECT_EQ(Server::create(options, api).error().code, "bad_address");
  options.address = "192.0.2.1";  // documentation range: nobody has it
  EXPECT_EQ(Server::create(options, api).error().code, "bad_address");
}

TEST_F(ServerTest, ConnectionsBeyondTheLimitAreToldSo) {
  options.max_connections = 2;
  start();
  Client first = connect(), second = connect();
  EXPECT_EQ(first.ask(get("/hello")).status, 200);
  EXPECT_EQ(second.ask(get("/hello")).status, 200);
  Client third = connect();
  const Answer answer = third.ask(get("/hello"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("Retry-After: 1"));
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(third.ended());
  EXPECT_FALSE(third.reset_seen());
  first.close();
  EXPECT_TRUE(eventually([&] { return connect().ask(get("/hello")).status == 200; }));
}

// With no descriptor left the server waits, and goes on when there is one.
TEST_F(ServerTest, RunningOutOfDescriptorsIsSurvived) {
  start();
  ASSERT_EQ(connect().ask(get("/hello")).status, 200);
  std::this_thread::sleep_for(50ms);
  rlimit before{}, tight{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::dup(0);
  ASSERT_GE(lowest_free, 0);
  ::close(lowest_free);
  tight = before;
  tight.rlim_cur = static_cast<rlim_t>(lowest_free) + 1;  // one, which the client takes
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  Client client = connect();
  client.send(get("/hello"));
  const Answer none = client.read(false, 200ms);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(client.connected());
  EXPECT_EQ(none.status, 0);
  EXPECT_EQ(client.read().body, "hello");
}

TEST_F(ServerTest, AFullPoolAnswers503AndKeepsTheConnection) {
  options.blocking_threads = 1;
  options.blocking_queue = 1;
  api.slow_for = 300ms;
  start();
  Client running = connect();
  running.send(get("/slow"));
  ASSERT_TRUE(eventually([&] { return api.handled == 1; }));
  Client waiting = connect();
  waiting.send(get("/slow"));
  ASSERT_TRUE(eventually([&] { return api.begun == 2; }));
  Client refused = connect();
  std::this_thread::sleep_for(20ms);
  const Answer answer = refused.ask(get("/slow"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "overloaded");
  EXPECT_TRUE(answer.has("Retry-After: 1"));
  EXPECT_EQ(refused.ask(get("/hello")).body, "hello");
  EXPECT_EQ(running.read().body, "slow");
  EXPECT_EQ(waiting.read().body, "slow");
}

}  // namespace
}  // namespace tintype::testing

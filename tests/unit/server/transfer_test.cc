// Bodies: uploads to sinks, downloads from files and memory, and clients that vanish or dawdle.
#include "unit/server/server_fixture.h"

namespace tintype::testing {
namespace {

using namespace std::chrono_literals;

std::string put(std::string_view headers) {
  return "PUT /upload HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}
std::string put_length(std::size_t n) {
  return put("Content-Length: " + std::to_string(n) + "\r\n");
}

std::string chunked(std::string_view bytes, std::size_t chunk) {
  std::string out;
  char size[32];
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const std::string_view part = bytes.substr(at, chunk);
    out.append(size,
               static_cast<std::size_t>(std::snprintf(size, sizeof size, "%zX\r\n", part.size())));
    out.append(part).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

TEST_F(ServerTest, UploadsAreStreamedInPieces) {
  start();
  Client client = connect();
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 131072, 3'000'001}) {
    const std::string bytes = pattern(size);
    ASSERT_EQ(client.ask(put_length(size) + bytes).body, FakeApi::summary(size, sum_of(bytes)));
  }
  EXPECT_LE(api.largest_piece, 65536u);
  EXPECT_GE(api.largest_piece, 65536u);
  EXPECT_EQ(api.sinks_dropped, 0);
}

TEST_F(ServerTest, ChunkedUploadsWithChunksOfEverySize) {
  start();
  Client client = connect();
  const std::string bytes = pattern(300'000);
  for (const std::size_t chunk : {7, 100, 4096, 65536, 100'000, 300'000}) {
    const std::string body = chunked(bytes, chunk);
    const Answer answer = client.ask(put("Transfer-Encoding: chunked\r\n") + body + get("/hello"));
    ASSERT_EQ(answer.body, FakeApi::summary(bytes.size(), sum_of(bytes))) << chunk;
    ASSERT_EQ(client.read().body, "hello") << chunk;
  }
  EXPECT_LE(api.largest_piece, 65536u);
}

TEST_F(ServerTest, ChunksSplitAtEveryByte) {
  start();
  const std::string request = put("Transfer-Encoding: chunked\r\n") +
                              "3;a=\"b\"\r\nabc\r\n0001\r\nd\r\n000\r\nX-T: 1\r\n\r\n" +
                              get("/hello");
  for (std::size_t split = 60; split < request.size(); ++split) {
    Client client = connect();
    client.send(request.substr(0, split));
    std::this_thread::sleep_for(1ms);
    client.send(request.substr(split));
    ASSERT_EQ(client.read().body, FakeApi::summary(4, sum_of("abcd"))) << split;
    ASSERT_EQ(client.read().body, "hello") << split;
  }
}

TEST_F(ServerTest, AnEmptyChunkedBodySplitAtEveryByte) {
  start();
  const std::string end = "0\r\n\r\n";
  for (std::size_t split = 0; split <= end.size(); ++split) {
    Client client = connect();
    client.send(put("Transfer-Encoding: chunked\r\n") + end.substr(0, split));
    std::this_thread::sleep_for(5ms);
    client.send(end.substr(split) + get("/hello"));
    ASSERT_EQ(client.read().body, FakeApi::summary(0, sum_of(""))) << split;
    ASSERT_EQ(client.read().body, "hello") << split;
  }
}

TEST_F(ServerTest, AnUploadWithoutLengthIs411) {
  start();
  EXPECT_EQ(connect().ask(put("")).status, 411);
}

TEST_F(ServerTest, AnUploadOverTheLimitIsRefused) {
  api.max_upload = 100'000;
  start();
  EXPECT_EQ(connect().ask(put_length(100'001)).status, 413);
  Client client = connect();
  const std::string bytes = pattern(200'000);
  client.send(put("Transfer-Encoding: chunked\r\n") + chunked(bytes, 1000));
  EXPECT_EQ(client.read().status, 413);
  EXPECT_TRUE(eventually([&] { return api.sinks_dropped == 1; }));
  EXPECT_EQ(connect().ask(put_length(100'000) + pattern(100'000)).status, 200);
}

TEST_F(ServerTest, TheSinkCanEndAnUpload) {
  start();
  Client client = connect();
  client.send("PUT /upload-early HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
  client.send(pattern(500'000));
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "enough");
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(eventually([&] { return api.sinks_dropped == 1; }));
}

TEST_F(ServerTest, AClientThatVanishesInTheMiddleLeavesNoSink) {
  start();
  for (const std::size_t sent : {0, 10, 70'000, 200'000}) {
    Client client = connect();
    client.send(put_length(1'000'000) + pattern(sent));
    ASSERT_TRUE(eventually([&] { return api.sinks_open == 1; }));
    client.close();
    ASSERT_TRUE(eventually([&] { return api.sinks_open == 0; }));
  }
  EXPECT_EQ(api.sinks_dropped, 4);
  EXPECT_EQ(api.sinks_finished, 0);
}

TEST_F(ServerTest, ABodyThatEndsTooSoonIsRefusedWhereTheClientStillListens) {
  start();
  for (const std::size_t sent : {0, 10, 70'000}) {
    Client client = connect();
    client.send(put_length(1'000'000) + pattern(sent));
    client.half_close();
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.has("Connection: close"));
  }
  EXPECT_EQ(api.sinks_dropped, 3);
  EXPECT_EQ(api.sinks_finished, 0);
}

TEST_F(ServerTest, ManySlowUploadsDoNotHoldThePool) {
  options.blocking_threads = 2;
  start();
  std::vector<Client> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(connect());
    slow.back().send(put_length(10'000'000) + pattern(1000));
  }
  ASSERT_TRUE(eventually([&] { return api.sinks_open == 100; }));
  EXPECT_EQ(connect().ask(put_length(200'000) + pattern(200'000)).status, 200);
}

TEST_F(ServerTest, FilesOfAllSizesArriveWhole) {
  start();
  Client client = connect();
  for (const std::size_t size : {0, 1, 4096, 500'000, 5'000'000}) {
    const std::string bytes = pattern(size);
    api.file = memory_file(bytes);
    api.file_size = size;
    const Answer answer = client.ask(get("/file"));
    EXPECT_TRUE(answer.has("Content-Length: " + std::to_string(size)));
    ASSERT_EQ(answer.body.size(), size);
    ASSERT_TRUE(answer.body == bytes);
    const Answer head = client.ask("HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_TRUE(head.has("Content-Length: " + std::to_string(size)));
  }
}

TEST_F(ServerTest, SharedBodiesArriveWholeAndAreLetGo) {
  start();
  for (const std::size_t size : {0, 1, 50'000, 3'000'000}) {
    const std::string bytes = pattern(size);
    api.shared = std::make_shared<const std::string>(bytes);
    Client first = connect(4096);
    Client second = connect();
    first.send(get("/shared"));
    EXPECT_TRUE(second.ask(get("/shared")).body == bytes);
    EXPECT_TRUE(first.read().body == bytes);
    const Answer head = second.ask("HEAD /shared HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_TRUE(head.has("Content-Length: " + std::to_string(size)));
    EXPECT_TRUE(eventually([&] { return api.shared.use_count() == 1; }));
  }
}

TEST_F(ServerTest, SlowReadersGetAllOfAFileAndOfMemory) {
  options.io_threads = 1;
  const std::string bytes = pattern(8'000'000);
  api.file = memory_file(bytes);
  api.file_size = bytes.size();
  api.big_size = 8'000'000;
  start();
  Client file = connect(4096);
  Client memory = connect(4096);
  file.send(get("/file"));
  memory.send(get("/big"));
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");  // waiting writers hold up nobody
  EXPECT_TRUE(file.read().body == bytes);
  EXPECT_EQ(memory.read().body.size(), 8'000'000u);
}

TEST_F(ServerTest, AFileThatBecameShorterEndsTheConnection) {
  api.file = memory_file(pattern(1000));
  api.file_size = 2000;
  start();
  Client client = connect();
  EXPECT_EQ(client.ask(get("/file")).body.size(), 1000u);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, AClientThatVanishesDuringADownloadIsNoTrouble) {
  const std::string bytes = pattern(20'000'000);
  api.file = memory_file(bytes);
  api.file_size = bytes.size();
  start();
  for (int i = 0; i < 5; ++i) {
    Client client = connect(4096);
    client.send(get("/file"));
    client.read(true);
    client.close();
  }
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");
}

TEST_F(ServerTest, ReadersThatStallAreDropped) {
  options.response_stall_timeout = 200ms;
  options.max_connections = 1;
  api.big_size = 50'000'000;
  start();
  Client client = connect(4096);
  client.send(get("/big"));
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(connect().ask(get("/hello")).status, 503);
  EXPECT_TRUE(eventually([&] { return connect().ask(get("/hello")).status == 200; }));
}

TEST_F(ServerTest, SlowHeadsAre408) {
  options.header_timeout = 200ms;
  start();
  Client client = connect();
  client.send("GET /hello HTTP/1.1\r\n");
  const Deadline before = std::chrono::steady_clock::now();
  std::thread drip([&] {
    for (int i = 0; i < 40 && client.send("X-A: b\r\n"); ++i) std::this_thread::sleep_for(20ms);
  });
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 700ms);
  drip.join();
}

TEST_F(ServerTest, SilentConnectionsAreClosedWithoutAWord) {
  options.header_timeout = 150ms;
  options.keep_alive_timeout = 300ms;
  start();
  Client silent = connect();
  EXPECT_TRUE(silent.ended(2s));
  EXPECT_EQ(silent.unread(), "");
  Client idle = connect();
  EXPECT_EQ(idle.ask(get("/hello")).status, 200);
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(idle.ask(get("/hello")).status, 200);  // past the head's time, within the idle time
  EXPECT_TRUE(idle.ended(2s));
  EXPECT_EQ(idle.unread(), "");
}

TEST_F(ServerTest, StalledBodiesAre408AndLeaveNoSink) {
  options.body_idle_timeout = 200ms;
  start();
  Client stream = connect(), whole = connect();
  stream.send(put_length(1000) + "abc");
  whole.send("POST /store HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(stream.read().status, 408);
  EXPECT_EQ(whole.read().status, 408);
  EXPECT_TRUE(eventually([&] { return api.sinks_dropped == 1; }));
}

TEST_F(ServerTest, TricklingBodiesAreDropped) {
  options.min_body_rate = 1000;
  options.min_body_grace = 200ms;
  start();
  Client client = connect();
  client.send(put_length(1000));
  std::thread drip([&] {
    for (int i = 0; i < 100 && client.send("x"); ++i) std::this_thread::sleep_for(20ms);
  });
  const Deadline before = std::chrono::steady_clock::now();
  EXPECT_EQ(client.read().status, 408);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1500ms);
  drip.join();
}

TEST_F(ServerTest, ASlowSinkIsNotTheClientsFault) {
  options.min_body_rate = 1'000'000;
  options.min_body_grace = 300ms;
  api.sink_delay = 100ms;
  start();
  const std::string bytes = pattern(600'000);
  EXPECT_EQ(connect().ask(put_length(bytes.size()) + bytes).status, 200);
}

TEST_F(ServerTest, StoppingClosesIdleConnectionsAndRefusesNewOnes) {
  start();
  Client used = connect(), unused = connect();
  EXPECT_EQ(used.ask(get("/hello")).status, 200);
  const Deadline before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
  EXPECT_TRUE(used.ended());
  EXPECT_TRUE(unused.ended());
  EXPECT_FALSE(connect().ask(get("/hello")).status == 200);
}

TEST_F(ServerTest, StoppingLetsRequestsFinish) {
  api.slow_for = 300ms;
  start();
  Client slow = connect(), upload = connect();
  slow.send(get("/slow"));
  upload.send(put_length(200'000) + pattern(100'000));
  ASSERT_TRUE(eventually([&] { return api.handled == 1 && api.sinks_open == 1; }));
  server->stop();
  std::this_thread::sleep_for(50ms);
  upload.send(pattern(100'000));
  const Answer uploaded = upload.read();
  EXPECT_EQ(uploaded.status, 200);
  EXPECT_TRUE(uploaded.has("Connection: close"));
  const Answer answer = slow.read();
  EXPECT_EQ(answer.body, "slow");
  EXPECT_TRUE(answer.has("Connection: close"));
  join();
  EXPECT_EQ(api.sinks_finished, 1);
}

TEST_F(ServerTest, StoppingCutsWhatTakesTooLong) {
  options.drain_timeout = 300ms;
  const std::string bytes = pattern(20'000'000);
  api.file = memory_file(bytes);
  api.file_size = bytes.size();
  start();
  std::vector<Client> uploads;
  for (int i = 0; i < 10; ++i) {
    uploads.push_back(connect());
    uploads.back().send(put_length(200'000) + pattern(100'000));
  }
  Client download = connect(4096);
  download.send(get("/file"));
  ASSERT_TRUE(eventually([&] { return api.sinks_open == 10; }));
  const Deadline before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1500ms);
  EXPECT_EQ(api.sinks_dropped, 10);
}

TEST_F(ServerTest, StoppedBeforeItRan) {
  auto created = Server::create(options, api);
  ASSERT_TRUE(created.ok());
  (*created)->stop();
  (*created)->stop();
  (*created)->run();
}

TEST_F(ServerTest, NeverRun) { EXPECT_TRUE(Server::create(options, api).ok()); }

TEST_F(ServerTest, TimingCountsBytes) {
  start();
  const std::string request = put_length(100'000);
  const Answer answer = connect().ask(request + pattern(100'000));
  ASSERT_TRUE(eventually([&] { return api.finished == 1; }));
  EXPECT_EQ(api.last_timing().bytes_received, request.size() + 100'000);
  EXPECT_EQ(api.last_timing().bytes_sent, answer.head.size() + 4 + answer.body.size());
}

}  // namespace
}  // namespace tintype::testing

#include "adapters/aws/s3_object_store.h"

#include "base/deadline_scope.h"
#include "s3_fixture.h"

namespace tintype::testing {
namespace {

constexpr char kModified[] = "Last-Modified: Fri, 27 Nov 2026 08:00:00 GMT\r\n";

Result<PutResult> put_text(ObjectStore& store, const std::string& key, std::string_view bytes) {
  auto writer = TRY(store.put({.key = key}));
  TRY(writer->write(bytes));
  return writer->commit();
}

std::string text_of(const Result<OpenObject>& object) {
  if (!object.ok()) return object.error().code;
  std::string bytes(object->length, '\0');
  const auto got =
      ::pread(object->fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(object->offset));
  return got == static_cast<ssize_t>(bytes.size()) ? bytes : "too short";
}

TEST(S3ObjectStore, SignsOddKeysAndTheirBytes) {
  FakeS3Store s3;
  ASSERT_TRUE(put_text(*s3.store, "a b+c&d=e?f%2F/~.x", "bytes").ok());
  const auto seen = s3.fake.server().requests().at(0);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.target, "/images/a%20b%2Bc%26d%3De%3Ff%252F/~.x");
  EXPECT_EQ(seen.header("content-length"), "5");
  EXPECT_EQ(seen.header("x-amz-content-sha256"), hex_encode(sha256("bytes")));
  EXPECT_EQ(seen.header("x-amz-checksum-sha256"), base64_encode(sha256("bytes")));
  EXPECT_NE(seen.header("authorization")
                .find("SignedHeaders=host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date"),
            std::string::npos)
      << seen.header("authorization");
}

TEST(S3ObjectStore, SendsAsFewRequestsAsItCan) {
  FakeS3Store s3;
  auto& store = *s3.store;
  auto sent = [&, before = std::uint64_t{0}]() mutable {
    return store.requests_sent() - std::exchange(before, store.requests_sent());
  };
  auto writer = store.put({.key = "r/a"});
  ASSERT_TRUE((*writer)->write("x").ok());
  EXPECT_EQ(sent(), 0u);
  ASSERT_TRUE((*writer)->seal().ok());
  EXPECT_EQ(sent(), 1u);
  const auto put = put_text(store, "r/b", "y");
  EXPECT_EQ(sent(), 2u);
  EXPECT_TRUE(store.open("r/a").ok());
  EXPECT_EQ(sent(), 1u);
  EXPECT_TRUE(store.head("r/a").ok());
  EXPECT_EQ(sent(), 1u);
  EXPECT_TRUE(store.duplicate("r/b", "r/c", put->info.etag).ok());
  EXPECT_EQ(sent(), 1u);
  EXPECT_TRUE(store.copy("r/b", "r/d").ok());
  EXPECT_EQ(sent(), 2u);
  EXPECT_TRUE(store.list("r/", "", 10).ok());
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(store.remove_prefix("r/").value(), 4u);
  EXPECT_EQ(sent(), 2u);
  EXPECT_EQ(store.remove_prefix("r/").value(), 0u);
  EXPECT_EQ(sent(), 1u);
  EXPECT_TRUE(store.remove("r/a").ok());
  EXPECT_EQ(sent(), 1u);
  EXPECT_TRUE(store.presign_get({.key = "a", .now = s3.clock.now()}).ok());
  EXPECT_EQ(sent(), 0u);
}

TEST(S3ObjectStore, LostAnswersAreAskedForAgain) {
  FakeS3Store s3;
  auto& store = *s3.store;
  auto writer = store.put({.key = "a/1"});
  ASSERT_TRUE((*writer)->write("x").ok());
  s3.fake.lose_next(3);
  ASSERT_TRUE((*writer)->seal().ok());
  s3.fake.lose_next(3);
  ASSERT_TRUE(store.duplicate("a/1", "a/2").ok());
  s3.fake.lose_next(3);
  ASSERT_TRUE(store.remove("a/1").ok());
  EXPECT_EQ(s3.fake.keys(), std::vector<std::string>{"a/2"});
  s3.fake.add("a/3", "y");
  s3.fake.lose_next(1);
  EXPECT_EQ(store.remove_prefix("a/").value(), 2u);
  EXPECT_TRUE(s3.fake.keys().empty());
}

TEST(S3ObjectStore, WhatFailsForAMomentIsTriedAgain) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  for (const auto& moment :
       {FakeS3::error(503, "SlowDown"), FakeS3::error(500, "InternalError"), answer(502, "<html>"),
        FakeS3::error(400, "RequestTimeout"), FakeS3::error(409, "OperationAborted"), std::string(),
        answer(503, "")}) {
    s3.fake.fail_next(3, moment);
    EXPECT_EQ(text_of(s3.store->open("a")), "bytes") << moment;
  }
  const auto before = s3.store->requests_sent();
  s3.fake.fail_next(100, FakeS3::error(503, "SlowDown"));
  EXPECT_EQ(s3.store->open("a").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(s3.store->requests_sent() - before, 4u);
}

TEST(S3ObjectStore, WhatWillNotChangeIsNotTriedAgain) {
  FakeS3Store s3;
  for (const auto& [bytes, code] : std::vector<std::pair<std::string, std::string>>{
           {FakeS3::error(403, "AccessDenied"), "s3_access_denied"},
           {FakeS3::error(403, "SignatureDoesNotMatch"), "s3_bad_credentials"},
           {FakeS3::error(404, "NoSuchBucket"), "s3_no_bucket"},
           {answer(301, "", "x-amz-bucket-region: eu-west-3\r\n"), "s3_wrong_region"},
           {FakeS3::error(400, "MalformedXML"), "internal"}}) {
    const auto before = s3.store->requests_sent();
    s3.fake.fail_next(100, bytes);
    const auto error = s3.store->open("a").error();
    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.detail.find("secret words"), std::string::npos);
    EXPECT_EQ(s3.store->requests_sent() - before, 1u) << code;
  }
}

TEST(S3ObjectStore, ExpiredTokensAreRenewedOnce) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  s3.credentials.next = AwsCredentials{{"AKIDNEXT", "secret", "token"}, {}};
  s3.fake.fail_next(1, FakeS3::error(400, "ExpiredToken"));
  EXPECT_TRUE(s3.store->open("a").ok());
  EXPECT_EQ(s3.credentials.forgotten, 1);
  const auto seen = s3.fake.server().requests().at(1);
  EXPECT_EQ(seen.header("x-amz-security-token"), "token");
  s3.fake.fail_next(100, FakeS3::error(400, "ExpiredToken"));
  EXPECT_EQ(s3.store->open("a").error().code, "s3_bad_credentials");
}

TEST(S3ObjectStore, AWrongClockIsCorrectedAlsoFromAnswersWithoutBody) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  const auto theirs = s3.clock.now() + std::chrono::hours(2);
  s3.fake.fail_next(1, answer(403, "", "Date: " + format_http_date(theirs) + "\r\n"));
  ASSERT_TRUE(s3.store->head("a").ok());
  EXPECT_NE(s3.fake.server().requests().at(1).header("x-amz-date").substr(0, 11),
            s3.fake.server().requests().at(0).header("x-amz-date").substr(0, 11));
  const auto url = s3.store->presign_get({.key = "a", .now = s3.clock.now()});
  EXPECT_NE(url->url.find("X-Amz-Date=" + format_amz_date(theirs).substr(0, 11)),
            std::string::npos);
}

TEST(S3ObjectStore, ABodyThatBreaksOffIsFetchedAgain) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  s3.fake.fail_next(1, "HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 90\r\nETag: e\r\n" +
                           std::string(kModified) + "\r\nlonger than the second");
  EXPECT_EQ(text_of(s3.store->open("a")), "bytes");
}

TEST(S3ObjectStore, RangesAreCheckedWhateverTheServerSays) {
  FakeS3Store s3;
  const std::string headers = "ETag: \"e\"\r\n" + std::string(kModified);
  s3.fake.fail_next(1, answer(200, "0123456789", headers));  // knows no ranges
  EXPECT_EQ(text_of(s3.store->open("a", ByteRange{3, 5})), "345");
  for (const auto& lie :
       {answer(206, "345", headers), answer(206, "34", headers + "Content-Range: bytes 3-5/10\r\n"),
        answer(206, "345", headers + "Content-Range: bytes 3-5/*\r\n"), answer(200, "x")}) {
    s3.fake.fail_next(1, lie);
    EXPECT_EQ(s3.store->open("a", ByteRange{3, 5}).error().code, "internal");
  }
}

TEST(S3ObjectStore, LargerObjectsThanAllowedAreNotOpened) {
  FakeS3Store s3;
  auto options = store_options(s3.fake.url());
  options.max_open_bytes = 10;
  auto store = S3ObjectStore::create(options, s3.credentials, s3.clock, s3.random).value();
  s3.fake.add("a", "0123456789");
  s3.fake.add("b", "0123456789x");
  EXPECT_EQ(text_of(store->open("a")), "0123456789");
  EXPECT_EQ(store->open("b").error().kind, ErrorKind::too_large);
  EXPECT_EQ(text_of(store->open("b", ByteRange{1, 10})), "123456789x");
}

TEST(S3ObjectStore, WithoutATemporaryFolderBytesWaitInMemory) {
  FakeS3Store s3;
  auto options = store_options(s3.fake.url());
  options.temp_folder = "/proc/none";
  auto store = S3ObjectStore::create(options, s3.credentials, s3.clock, s3.random).value();
  ASSERT_TRUE(put_text(*store, "a", "bytes").ok());
  EXPECT_EQ(text_of(store->open("a")), "bytes");
}

TEST(S3ObjectStore, ACopyMayFailAfterItsStatus) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  s3.fake.fail_next(1, answer(200, "  \n<Error><Code>InternalError</Code></Error>"));
  EXPECT_TRUE(s3.store->duplicate("a", "b").ok());
  s3.fake.fail_next(1, answer(200, "<Error><Code>AccessDenied</Code></Error>"));
  EXPECT_EQ(s3.store->duplicate("a", "c").error().code, "s3_access_denied");
  s3.fake.fail_next(100, answer(200, ""));
  EXPECT_EQ(s3.store->duplicate("a", "c").error().kind, ErrorKind::unavailable);
}

// A server that knows no conditions has copied whatever was there.
TEST(S3ObjectStore, ACopyOfSomethingElseIsStale) {
  std::string etag_now = "other";
  FakeHttpServer server([&](const FakeRequest& request) {
    if (request.method == "PUT")
      return answer(200, "<CopyObjectResult><ETag>\"other\"</ETag></CopyObjectResult>");
    return "HTTP/1.1 200 x\r\nContent-Length: 3\r\nETag: \"" + etag_now + "\"\r\n" + kModified +
           "\r\n";
  });
  FakeS3Store s3;
  auto store =
      S3ObjectStore::create(store_options(server.url()), s3.credentials, s3.clock, s3.random)
          .value();
  EXPECT_EQ(store->duplicate("a", "b", "asked").error().kind, ErrorKind::stale);
  EXPECT_EQ(server.requests().at(0).header("x-amz-copy-source"), "/images/a");
  EXPECT_EQ(server.requests().at(0).header("x-amz-copy-source-if-match"), "\"asked\"");
  etag_now = "asked";  // the same bytes, under another ETag
  EXPECT_TRUE(store->duplicate("a", "b", "asked").ok());
  EXPECT_TRUE(store->duplicate("a", "b", "other").ok());
}

TEST(S3ObjectStore, CopyingOntoItselfSendsNoCopy) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  const auto etag = s3.store->head("a")->etag;
  EXPECT_TRUE(s3.store->duplicate("a", "a", etag).ok());
  EXPECT_EQ(s3.store->duplicate("a", "a", "other").error().kind, ErrorKind::stale);
  for (const auto& request : s3.fake.server().requests()) EXPECT_EQ(request.method, "HEAD");
}

TEST(S3ObjectStore, ManyObjectsAreRemovedInBatches) {
  FakeS3Store s3;
  for (int i = 0; i < 2001; ++i) s3.fake.add("r/" + std::to_string(i), "x");
  s3.fake.add("r/deep/er", "x");
  EXPECT_EQ(s3.store->remove_prefix("r/").value(), 2001u);
  EXPECT_EQ(s3.fake.keys(), std::vector<std::string>{"r/deep/er"});
  EXPECT_EQ(s3.store->requests_sent(), 6u);  // three pages: 1000, 1000 and 1
}

TEST(S3ObjectStore, AMissingBucketIsNotAMissingObject) {
  FakeS3Store s3;
  s3.fake.add("a", "bytes");
  EXPECT_EQ(s3.store->head("none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(s3.store->requests_sent(), 2u);
  EXPECT_EQ(s3.store->head("none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(s3.store->requests_sent(), 3u);  // the bucket was there a moment ago
  FakeS3Store gone(false);
  EXPECT_EQ(gone.store->head("a").error().code, "s3_no_bucket");
  EXPECT_EQ(gone.store->open("a").error().code, "s3_no_bucket");
  EXPECT_EQ(gone.store->remove("a").error().code, "s3_no_bucket");
  EXPECT_EQ(gone.store->list("", "", 1).error().code, "s3_no_bucket");
  EXPECT_EQ(gone.store->copy("a", "b").error().code, "s3_no_bucket");
  EXPECT_EQ(put_text(*gone.store, "a", "x").error().code, "s3_no_bucket");
}

TEST(S3ObjectStore, ChecksAtMostOnceASecond) {
  FakeS3Store s3;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(s3.store->check().ok());
  EXPECT_EQ(s3.store->requests_sent(), 1u);
  s3.fake.remove_bucket();
  EXPECT_TRUE(s3.store->check().ok());
  std::this_thread::sleep_for(milliseconds(1100));
  const auto error = s3.store->check().error();
  EXPECT_EQ(error.code, "s3_no_bucket");
  EXPECT_EQ(error.detail,
            "There is no bucket \"images\": set s3.bucket, or make it with `tintype aws init`.");
}

TEST(S3ObjectStore, SaysWhyItIsNotReady) {
  FakeS3Store s3;
  s3.fake.interrupt([](const FakeRequest& request, auto) -> std::optional<std::string> {
    if (request.method == "HEAD") return answer(403, "");
    return FakeS3::error(403, "InvalidAccessKeyId");
  });
  EXPECT_EQ(s3.store->check().error().code, "s3_bad_credentials");

  std::string nowhere;
  {
    nowhere = FakeHttpServer([](auto&) { return ""; }).url();
  }
  auto store =
      S3ObjectStore::create(store_options(nowhere), s3.credentials, s3.clock, s3.random).value();
  const auto error = store->check().error();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.detail.find("The object store cannot be reached: http://127.0.0.1:"), 0u)
      << error.detail;
}

TEST(S3ObjectStore, EveryCallEnds) {
  FakeS3Store s3;
  s3.fake.interrupt([&](auto&, auto) -> std::optional<std::string> {
    s3.fake.server().hang();
    return "";
  });
  auto options = store_options(s3.fake.url());
  options.client.request_timeout = milliseconds(150);
  options.check_timeout = milliseconds(150);
  options.usual_bytes = 0;
  auto store = S3ObjectStore::create(options, s3.credentials, s3.clock, s3.random).value();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(store->open("a").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store->remove("a").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store->check().error().kind, ErrorKind::unavailable);
  EXPECT_EQ(put_text(*store, "a", "x").error().kind, ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(4));
}

TEST(S3ObjectStore, EveryCallEndsWithTheWorkItIsPartOf) {
  FakeS3Store s3;
  s3.fake.interrupt([&](auto&, auto) -> std::optional<std::string> {
    s3.fake.server().hang();
    return "";
  });
  auto store =
      S3ObjectStore::create(store_options(s3.fake.url()), s3.credentials, s3.clock, s3.random)
          .value();
  const auto begin = std::chrono::steady_clock::now();
  const DeadlineScope scope(deadline_in(milliseconds(100)));
  EXPECT_EQ(store->open("a").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store->remove("a").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(put_text(*store, "a", "x").error().kind, ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(3));
}

TEST(S3ObjectStore, APutThatSucceededStaysOneWhenItsTimeIsUnknown) {
  FakeS3Store s3;
  s3.fake.interrupt(
      [](const FakeRequest& request, FakeS3::When when) -> std::optional<std::string> {
        if (request.method == "HEAD" && when == FakeS3::When::before) return answer(500, "");
        return std::nullopt;
      });
  const auto put = put_text(*s3.store, "a", "bytes");
  ASSERT_TRUE(put.ok()) << put.error().detail;
  EXPECT_EQ(put->info.etag, hex_encode(md5("bytes")));
  EXPECT_LT(std::chrono::abs(put->info.modified - s3.clock.now()), seconds(60));
}

TEST(S3ObjectStore, PrefixesThatNoKeyHasAreNotAskedFor) {
  FakeS3Store s3;
  for (const char* prefix : {"/", "../", "a//", "a/../b", "./a"}) {
    const auto page = s3.store->list(prefix, "", 10);
    ASSERT_TRUE(page.ok()) << prefix;
    EXPECT_TRUE(page->objects.empty());
  }
  EXPECT_EQ(s3.store->requests_sent(), 0u);
  s3.fake.add("..a", "x");
  EXPECT_EQ(s3.store->list("..", "", 10)->objects.size(), 1u);
}

TEST(S3ObjectStore, ListingsContinueWhereTheyStoppedOrSayWhyNot) {
  FakeS3Store s3;
  EXPECT_EQ(s3.store->list("", "not base64url!", 1).error().code, "invalid_continuation");
  s3.fake.fail_next(1, FakeS3::error(400, "InvalidArgument"));
  EXPECT_EQ(s3.store->list("", "Ym9ndXM", 1).error().code, "invalid_continuation");
}

}  // namespace
}  // namespace tintype::testing

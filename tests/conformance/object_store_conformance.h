// What every ObjectStore must do, sentence by sentence of the port's header. Include this in one
// source file of a test program and instantiate it with a factory:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreConformance, ::testing::Values(&make_memory));
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "ports/object_store.h"

namespace tintype::testing {

// A store and whatever it stands on, gone with this object.
class ObjectStoreUnderTest {
 public:
  virtual ~ObjectStoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
  // Bytes kept that belong to no object: temporary files, unfinished uploads.
  virtual std::size_t leftovers() { return 0; }
};
using ObjectStoreFactory = std::unique_ptr<ObjectStoreUnderTest> (*)();

inline Result<PutResult> put_bytes(ObjectStore& store, const PutSpec& spec,
                                   std::string_view bytes) {
  auto writer = TRY(store.put(spec));
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, 100'000);
    TRY(writer->write(chunk));
    bytes.remove_prefix(chunk.size());
  }
  return writer->commit();
}

inline std::string read_all(const OpenObject& object) {
  std::string bytes(object.length, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t size = ::pread(object.fd.get(), bytes.data() + done, bytes.size() - done,
                                 static_cast<off_t>(object.offset + done));
    if (size <= 0) return "read failed";
    done += static_cast<std::size_t>(size);
  }
  return bytes;
}

inline std::string pattern(std::size_t size, unsigned seed = 1) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>((seed = seed * 1664525u + 1013904223u) >> 24u);
  return bytes;
}

class ObjectStoreConformance : public ::testing::TestWithParam<ObjectStoreFactory> {
 protected:
  ObjectStore& store() { return under_test_->store(); }
  void put(const std::string& key, std::string_view bytes) {
    const auto result = put_bytes(store(), {.key = key}, bytes);
    ASSERT_TRUE(result.ok()) << key << ": " << result.error().detail;
  }
  std::string get(std::string_view key, std::optional<ByteRange> range = {}) {
    const auto object = store().open(key, range);
    return object.ok() ? read_all(*object) : object.error().code;
  }
  // Every key, one entry for each time that it was listed.
  std::multiset<std::string> keys(std::string_view prefix, std::size_t limit = 1000) {
    std::multiset<std::string> found;
    std::string next;
    do {
      const auto page = store().list(prefix, next, limit);
      if (!page.ok()) return {page.error().detail};
      EXPECT_LE(page->objects.size(), limit);
      for (const ObjectInfo& info : page->objects) found.insert(info.key);
      next = page->next;
    } while (!next.empty());
    return found;
  }
  // A put that must be refused with this code and leave the key as it was.
  void expect_refused(const PutSpec& spec, std::string_view bytes, std::string_view code) {
    const auto result = put_bytes(store(), spec, bytes);
    ASSERT_FALSE(result.ok()) << code;
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(under_test_->leftovers(), 0u);
  }

  std::unique_ptr<ObjectStoreUnderTest> under_test_ = GetParam()();
};

TEST_P(ObjectStoreConformance, KeepsBytesOfEverySize) {
  for (const std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 10u * 1024 * 1024}) {
    const std::string bytes = pattern(size);
    const auto put = put_bytes(store(), {.key = "images/a", .size = size}, bytes);
    ASSERT_TRUE(put.ok()) << put.error().detail;
    EXPECT_EQ(put->sha256, sha256(bytes));
    EXPECT_EQ(put->info.size, size);
    EXPECT_EQ(put->info.key, "images/a");
    EXPECT_TRUE(get("images/a") == bytes) << size;
    const auto head = store().head("images/a");
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->size, size);
    EXPECT_EQ(head->etag, put->info.etag);
    EXPECT_EQ(head->modified, put->info.modified);
    EXPECT_EQ(head->etag.find('"'), std::string::npos);
  }
}

TEST_P(ObjectStoreConformance, DifferentBytesHaveDifferentETags) {
  put("a", "one");
  const std::string before = store().head("a")->etag;
  put("a", "two");
  EXPECT_NE(store().head("a")->etag, before);
}

TEST_P(ObjectStoreConformance, MissingObjectsAreNotFound) {
  EXPECT_EQ(store().open("images/none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().head("images/none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().copy("images/none", "b").error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().head("b").error().kind, ErrorKind::not_found);
  EXPECT_TRUE(store().remove("images/none").ok());
}

TEST_P(ObjectStoreConformance, RefusesHostileKeys) {
  const std::string nul("a\0b", 3);
  for (const std::string& key :
       {std::string(), std::string("/"), std::string("/etc/passwd"), std::string("../a"),
        std::string("a/../b"), std::string("a/.."), std::string("a/./b"), std::string("."),
        std::string("a//b"), std::string("a/"), nul, std::string("a\nb"), std::string("\x7f"),
        std::string("bild-\xc3\xa4.jpg"), std::string(1025, 'k')}) {
    EXPECT_EQ(store().put({.key = key}).error().kind, ErrorKind::invalid) << key;
    EXPECT_EQ(store().open(key).error().kind, ErrorKind::invalid) << key;
    EXPECT_EQ(store().head(key).error().kind, ErrorKind::invalid) << key;
    EXPECT_EQ(store().remove(key).error().kind, ErrorKind::invalid) << key;
    EXPECT_EQ(store().copy(key, "b").error().kind, ErrorKind::invalid) << key;
    put("source", "s");
    EXPECT_EQ(store().copy("source", key).error().kind, ErrorKind::invalid) << key;
    EXPECT_EQ(store().presign_get({.key = key, .now = Timestamp{}}).error().kind,
              ErrorKind::invalid);
  }
}

TEST_P(ObjectStoreConformance, OddKeysAreDistinctObjects) {
  const std::vector<std::string> odd{"a%2Fb",  "a/b", "a%252Fb", "%",     "%tmp",
                                     "%sub-1", "...", ".hidden", "tmp/a", "a b+c&d=e?f",
                                     "A/B",    "~",   "..a",     "a\\b"};
  for (const std::string& key : odd) put(key, "of " + key);
  for (const std::string& key : odd) EXPECT_EQ(get(key), "of " + key);
  EXPECT_EQ(keys(""), std::multiset<std::string>(odd.begin(), odd.end()));
}

TEST_P(ObjectStoreConformance, CutsRangesAsHttpDoes) {
  put("a", "0123456789");
  EXPECT_EQ(get("a", ByteRange{0, 0}), "0");
  EXPECT_EQ(get("a", ByteRange{3, 5}), "345");
  EXPECT_EQ(get("a", ByteRange{9, 9}), "9");
  EXPECT_EQ(get("a", ByteRange{8, 4000}), "89");
  EXPECT_EQ(get("a", ByteRange{0, UINT64_MAX}), "0123456789");
  EXPECT_EQ(get("a", ByteRange{10, 10}), "invalid_range");
  EXPECT_EQ(get("a", ByteRange{5, 4}), "invalid_range");
  EXPECT_EQ(store().open("a", ByteRange{2, 4})->info.size, 10u);
  put("empty", "");
  EXPECT_EQ(get("empty", ByteRange{0, 0}), "invalid_range");
}

TEST_P(ObjectStoreConformance, RefusesWhatWasNotAnnounced) {
  put("a", "before");
  expect_refused({.key = "a", .size = 5}, "1234", "incomplete_body");
  expect_refused({.key = "a", .size = 3}, "1234", "entity_too_large");
  expect_refused({.key = "a", .max_size = 3}, "1234", "entity_too_large");
  expect_refused({.key = "a", .sha256 = sha256("other")}, "1234", "bad_digest");
  expect_refused({.key = "a", .size = 0}, "1", "entity_too_large");
  EXPECT_EQ(get("a"), "before");
  EXPECT_TRUE(
      put_bytes(store(), {.key = "a", .max_size = 4, .sha256 = sha256("1234")}, "1234").ok());
  EXPECT_EQ(get("a"), "1234");
}

TEST_P(ObjectStoreConformance, NothingIsVisibleBeforeCommit) {
  auto writer = store().put({.key = "a/b"});
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->write("half").ok());
  EXPECT_EQ(get("a/b"), "not_found");
  EXPECT_TRUE(keys("").empty());
  writer->reset();
  EXPECT_EQ(get("a/b"), "not_found");
  EXPECT_TRUE(keys("").empty());
  EXPECT_EQ(under_test_->leftovers(), 0u);
}

TEST_P(ObjectStoreConformance, AWriterThatFailedStaysFailed) {
  auto writer = store().put({.key = "a", .size = 3});
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->write("1234").error().code, "entity_too_large");
  EXPECT_FALSE((*writer)->commit().ok());
  EXPECT_EQ(get("a"), "not_found");
}

TEST_P(ObjectStoreConformance, CommitsAtMostOnce) {
  auto writer = store().put({.key = "a"});
  ASSERT_TRUE((*writer)->write("x").ok());
  ASSERT_TRUE((*writer)->commit().ok());
  EXPECT_FALSE((*writer)->commit().ok());
  EXPECT_FALSE((*writer)->write("y").ok());
  EXPECT_EQ(get("a"), "x");
}

TEST_P(ObjectStoreConformance, AReaderKeepsTheOldBytes) {
  put("a", "old");
  const auto replaced = store().open("a");
  put("a", "newer");
  const auto removed = store().open("a");
  ASSERT_TRUE(store().remove("a").ok());
  EXPECT_EQ(read_all(*replaced), "old");
  EXPECT_EQ(read_all(*removed), "newer");
  EXPECT_EQ(get("a"), "not_found");
  EXPECT_EQ(under_test_->leftovers(), 0u);
}

TEST_P(ObjectStoreConformance, CopiesAreIndependent) {
  put("from/x", "one");
  put("to/y", "previous");
  const auto copied = store().copy("from/x", "to/y");
  ASSERT_TRUE(copied.ok()) << copied.error().detail;
  EXPECT_EQ(copied->key, "to/y");
  EXPECT_EQ(copied->size, 3u);
  EXPECT_EQ(copied->etag, store().head("to/y")->etag);
  put("from/x", "two");
  EXPECT_EQ(get("to/y"), "one");
  ASSERT_TRUE(store().copy("to/y", "to/y").ok());
  ASSERT_TRUE(store().copy("to/y", "to/z").ok());
  ASSERT_TRUE(store().copy("to/y", "to/z").ok());  // onto a copy of itself
  ASSERT_TRUE(store().remove("to/y").ok());
  EXPECT_EQ(get("to/z"), "one");
  EXPECT_EQ(under_test_->leftovers(), 0u);
}

TEST_P(ObjectStoreConformance, CopiesOnlyTheContentAskedFor) {
  put("a", "one");
  const std::string etag = store().head("a")->etag;
  EXPECT_TRUE(store().copy("a", "b", etag).ok());
  put("a", "two");
  const auto refused = store().copy("a", "b", etag);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::stale);
  EXPECT_EQ(get("b"), "one");
}

TEST_P(ObjectStoreConformance, RemovesWhatLiesDirectlyBelowAPrefix) {
  const std::set<std::string> all{
      "image",           "images/a",         "images/b",       "images/b/c",
      "images/b/d/e/f",  "images2/a",        "renditions/1/a", "renditions/1/b",
      "renditions/12/a", "renditions/1/x/y", "originals/u/1/a"};
  for (const std::string& key : all) put(key, key);
  EXPECT_EQ(store().remove_prefix("renditions/1/").value(), 2u);
  EXPECT_EQ(store().remove_prefix("renditions/1/").value(), 0u);
  EXPECT_EQ(store().remove_prefix("images/").value(), 2u);
  EXPECT_EQ(store().remove_prefix("originals/u/").value(), 0u);
  EXPECT_EQ(store().remove_prefix("originals/u/1/").value(), 1u);
  EXPECT_EQ(get("renditions/12/a"), "renditions/12/a");
  EXPECT_EQ(keys(""),
            (std::multiset<std::string>{"image", "images/b/c", "images/b/d/e/f", "images2/a",
                                        "renditions/12/a", "renditions/1/x/y"}));
  for (const char* bad : {"", "/", "images", "../", "a/../", "a//", "a/\n/"}) {
    EXPECT_EQ(store().remove_prefix(bad).error().kind, ErrorKind::invalid) << bad;
  }
}

TEST_P(ObjectStoreConformance, DiscardsAnObject) {
  put("incoming/a", "x");
  put("incoming/b", "y");
  ASSERT_TRUE(store().discard("incoming/a").ok());
  EXPECT_EQ(get("incoming/a"), "not_found");
  EXPECT_EQ(keys(""), std::multiset<std::string>{"incoming/b"});
  EXPECT_TRUE(store().discard("incoming/a").ok());
  EXPECT_TRUE(store().remove("incoming/a").ok());
  EXPECT_EQ(store().discard("../a").error().kind, ErrorKind::invalid);
}

TEST_P(ObjectStoreConformance, ListsInPages) {
  std::multiset<std::string> all;
  for (int i = 0; i < 23; ++i) {
    const std::string key = (i % 2 ? "odd/" : "even/") + std::to_string(i);
    put(key, std::string(static_cast<std::size_t>(i), 'x'));
    all.insert(key);
  }
  for (const std::size_t limit : {1u, 5u, 23u, 1000u}) EXPECT_EQ(keys("", limit), all) << limit;
  EXPECT_EQ(keys("odd/", 3).size(), 11u);
  EXPECT_EQ(keys("odd/1", 3).size(), 6u);
  EXPECT_TRUE(keys("none/").empty());
  EXPECT_TRUE(keys("../").empty());
  const auto page = store().list("even/22", "", 10);
  ASSERT_EQ(page->objects.size(), 1u);
  EXPECT_EQ(page->objects[0].size, 22u);
  EXPECT_EQ(page->objects[0].etag, store().head("even/22")->etag);
  EXPECT_EQ(page->objects[0].modified, store().head("even/22")->modified);
}

TEST_P(ObjectStoreConformance, ListsOneFolderInPages) {
  std::multiset<std::string> all;
  for (int i = 0; i < 12; ++i) {
    const std::string key = "renditions/id/" + std::to_string(i);
    put(key, "r");
    all.insert(key);
  }
  put("renditions/id2/x", "r");
  EXPECT_EQ(keys("renditions/id/", 5), all);
  EXPECT_EQ(keys("renditions/id/1", 2).size(), 3u);
  put("renditions/id/deep/er/x", "r");
  all.insert("renditions/id/deep/er/x");
  EXPECT_EQ(keys("renditions/id/", 5), all);
}

TEST_P(ObjectStoreConformance, ListsWhatStaysExactlyOnceWhileOthersComeAndGo) {
  for (int i = 0; i < 30; ++i) put("stay/" + std::to_string(i), "s");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      const std::string key = "come/" + std::to_string(i % 20);
      if (i / 20 % 2 == 0) EXPECT_TRUE(put_bytes(store(), {.key = key}, "c").ok());
      else EXPECT_TRUE(store().remove(key).ok());
    }
  });
  for (int round = 0; round < 5; ++round) {
    const auto found = keys("", 7);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(found.count("stay/" + std::to_string(i)), 1u);
  }
  stop = true;
  writer.join();
}

TEST_P(ObjectStoreConformance, AReplacedObjectIsAlwaysWhole) {
  const std::vector<std::string> versions{pattern(70'000, 1), pattern(50'000, 2), pattern(1, 3)};
  put("a", versions[0]);
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (unsigned w = 0; w < 2; ++w) {
    writers.emplace_back([&, w] {
      for (unsigned i = w; !stop; ++i) {
        EXPECT_TRUE(put_bytes(store(), {.key = "a"}, versions[i % versions.size()]).ok());
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    const auto object = store().open("a");
    ASSERT_TRUE(object.ok()) << object.error().detail;
    const std::string bytes = read_all(*object);
    EXPECT_TRUE(bytes == versions[0] || bytes == versions[1] || bytes == versions[2]);
    EXPECT_EQ(object->info.size, bytes.size());
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(under_test_->leftovers(), 0u);
}

TEST_P(ObjectStoreConformance, PresignsWhatTheClientMustSend) {
  const Timestamp now = Timestamp{seconds{1'790'000'000}};
  const std::string digest = sha256("x");
  const auto put_url = store().presign_put({.key = "incoming/a b%c",
                                            .content_type = "image/png",
                                            .size = 12,
                                            .sha256 = digest,
                                            .now = now});
  ASSERT_TRUE(put_url.ok()) << put_url.error().detail;
  EXPECT_NE(put_url->url.find("incoming/a%20b%25c?"), std::string::npos) << put_url->url;
  EXPECT_NE(put_url->url.find("X-Amz-Expires=900"), std::string::npos);
  EXPECT_NE(put_url->url.find("content-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256"),
            std::string::npos)
      << put_url->url;
  const std::vector<std::pair<std::string, std::string>> headers{
      {"content-type", "image/png"}, {"x-amz-checksum-sha256", base64_encode(digest)}};
  EXPECT_EQ(put_url->headers, headers);
}

TEST_P(ObjectStoreConformance, PresignsTheAnswersHeaders) {
  const Timestamp now = Timestamp{seconds{1'790'000'000}};
  const auto url = store().presign_get({.key = "a",
                                        .content_type = "image/png",
                                        .content_disposition = "inline; filename=\"a b.png\"",
                                        .now = now});
  ASSERT_TRUE(url.ok()) << url.error().detail;
  EXPECT_NE(url->url.find("response-content-type=image%2Fpng"), std::string::npos);
  EXPECT_NE(url->url.find("response-content-disposition=inline%3B%20filename%3D%22a%20b.png%22"),
            std::string::npos);
  EXPECT_FALSE(store().presign_get({.key = "a", .now = now, .expires_in = seconds{604801}}).ok());
}

TEST_P(ObjectStoreConformance, PresignsAFormOrSaysThatItCannot) {
  const auto form = store().presign_post({.key = "incoming/a",
                                          .content_type = "image/png",
                                          .max_size = 100,
                                          .now = Timestamp{seconds{1'790'000'000}}});
  if (!form.ok()) {
    EXPECT_EQ(form.error().code, "upload_method_unsupported");
    return;
  }
  ASSERT_FALSE(form->fields.empty());
  EXPECT_EQ(form->fields.front(), (std::pair<std::string, std::string>{"key", "incoming/a"}));
  EXPECT_EQ(form->fields.back().first, "x-amz-signature");
}

TEST_P(ObjectStoreConformance, IsReady) { EXPECT_TRUE(store().check().ok()); }

}  // namespace tintype::testing

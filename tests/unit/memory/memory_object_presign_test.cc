// What a store signs, the server's verification accepts, and nothing else.
#include <gtest/gtest.h>

#include "adapters/memory/memory_object_store.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "signing/post_policy.h"
#include "signing/presign.h"

namespace tintype {
namespace {

const Timestamp kNow{seconds{1'790'000'000}};
const LocalPresignerOptions kOptions{
    "https://photos.example/base/", "images", {"id", "secret", {}}};

std::optional<sigv4::Credentials> lookup(std::string_view id) {
  if (id != "id") return {};
  return kOptions.credentials;
}

Result<sigv4::VerifiedUrl> verify(const std::string& url, sigv4::SignedRequest request) {
  const std::size_t path = url.find('/', std::string_view("https://").size());
  const std::size_t query = url.find('?');
  request.raw_path = std::string_view(url).substr(path, query - path);
  request.raw_query = std::string_view(url).substr(query + 1);
  request.headers.emplace_back("Host", "photos.example");
  return sigv4::verify_presigned(request, kLocalRegion, "s3", kNow, lookup);
}

TEST(LocalPresigner, PutsBindTypeSizeAndDigest) {
  MemoryObjectStore store({.presigner = kOptions});
  const std::string digest = sha256("x");
  const std::string checksum = base64_encode(digest);
  const auto url = store.presign_put(
      {.key = "a b/c", .content_type = "image/png", .size = 12, .sha256 = digest, .now = kNow});
  ASSERT_TRUE(url.ok());
  EXPECT_TRUE(url->url.starts_with("https://photos.example/base/objects/images/a%20b/c?"))
      << url->url;
  const auto sent = [&](const char* type, const char* length) {
    return sigv4::SignedRequest{.method = "PUT",
                                .headers = {{"Content-Type", type},
                                            {"Content-Length", length},
                                            {"x-amz-checksum-sha256", checksum}}};
  };
  const auto verified = verify(url->url, sent("image/png", "12"));
  ASSERT_TRUE(verified.ok()) << verified.error().detail;
  EXPECT_EQ(verified->path, "/base/objects/images/a b/c");
  EXPECT_FALSE(verify(url->url, sent("image/png", "13")).ok());
  EXPECT_FALSE(verify(url->url, sent("image/gif", "12")).ok());
}

TEST(LocalPresigner, SaysWhenItEnds) {
  MemoryObjectStore store({.presigner = kOptions});
  const auto end = kNow + seconds(60);
  const auto life = seconds(60);
  EXPECT_EQ(store.presign_put({.key = "a", .now = kNow, .expires_in = life})->expires_at, end);
  EXPECT_EQ(store.presign_get({.key = "a", .now = kNow, .expires_in = life})->expires_at, end);
  const auto form =
      store.presign_post({.key = "a", .max_size = 1, .now = kNow, .expires_in = life});
  EXPECT_EQ(form->expires_at, end);
}

TEST(LocalPresigner, GetsBindTheAnswersHeaders) {
  MemoryObjectStore store({.presigner = kOptions});
  auto url = store.presign_get({.key = "a", .content_type = "image/png", .now = kNow})->url;
  EXPECT_TRUE(verify(url, {.method = "GET"}).ok());
  url.replace(url.find("image%2Fpng"), 11, "text%2Fhtml");
  EXPECT_FALSE(verify(url, {.method = "GET"}).ok());
}

TEST(LocalPresigner, FormsVerify) {
  MemoryObjectStore store({.presigner = kOptions});
  const auto form = store.presign_post({.key = "incoming/a",
                                        .content_type = "image/png",
                                        .min_size = 1,
                                        .max_size = 99,
                                        .now = kNow});
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->url, "https://photos.example/base/objects/images");
  const auto verified =
      sigv4::verify_post_policy(form->fields, "images", kLocalRegion, kNow, lookup);
  ASSERT_TRUE(verified.ok()) << verified.error().detail;
  EXPECT_EQ(verified->key, "incoming/a");
  EXPECT_EQ(verified->max_size, 99u);
}

}  // namespace
}  // namespace tintype

// Presigned URLs and forms per second of one core, through S3ObjectStore as the service calls it,
// beside the cryptography alone that Signature Version 4 asks of anybody: OpenSSL's SHA-256 of as
// many bytes and its HMACs, one with a key that was derived before, five without.
//
//   presign_bench [rounds]     default 15
//
// The variants take turns; figures are medians of rounds, in time of the processor, so that what
// else runs on the machine counts little.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "adapters/aws/s3_object_store.h"

namespace {

using namespace tintype;

constexpr int kCalls = 20'000;
constexpr double kAsked = 100'000;
constexpr Timestamp kNow{milliseconds(1'767'225'600'000)};
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <typename T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().detail.c_str());
  std::exit(1);
}

struct Variant {
  const char* what;
  std::function<void(int)> work;
  std::vector<double> rates = {};

  void run() {
    const double start = processor_seconds();
    for (int i = 0; i < kCalls; ++i) work(i);
    rates.push_back(kCalls / (processor_seconds() - start));
  }
  double median() const {
    std::vector<double> sorted = rates;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

std::string key_of(int i) {
  char id[40];
  std::snprintf(id, sizeof id, "019b76da-a800-7000-8000-%012d", i);
  return "originals/ann/" + std::string(id) + "/photo.jpg";
}

// Digests by OpenSSL alone, with its implementation fetched once and nothing allocated by us.
class BareDigests {
 public:
  explicit BareDigests(std::string text) : text_(std::move(text)) {}
  ~BareDigests() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(method_);
  }
  BareDigests(const BareDigests&) = delete;
  BareDigests& operator=(const BareDigests&) = delete;

  void signature() {
    EVP_DigestInit_ex2(context_, method_, nullptr);
    EVP_DigestUpdate(context_, text_.data(), text_.size());
    EVP_DigestFinal_ex(context_, digest_, nullptr);
    // As long as the string to sign.
    hmac(std::string_view(text_).substr(0, 132));
  }
  void key_and_signature() {
    for (const char* part : {"20260101", "us-east-1", "s3", "aws4_request"}) hmac(part);
    signature();
  }

 private:
  void hmac(std::string_view message) {
    unsigned int size = 0;
    HMAC(method_, key_, sizeof key_, reinterpret_cast<const unsigned char*>(message.data()),
         message.size(), key_, &size);
  }

  std::string text_;
  EVP_MD* method_ = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context_ = EVP_MD_CTX_new();
  unsigned char key_[32] = {};
  unsigned char digest_[32] = {};
};

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  FixedCredentials credentials({"AKIAIOSFODNN7EXAMPLE", std::string(kSecret), {}});
  SystemClock clock;
  SystemRandom random;
  S3ObjectStoreOptions options;
  options.client.s3.bucket = "image-storage-bucket";
  options.client.s3.region = "us-east-1";
  const auto store = must(S3ObjectStore::create(options, credentials, clock, random));

  const auto get = [&](int i) { return must(store->presign_get({.key = key_of(i), .now = kNow})); };
  const auto put = [&](int i) {
    return must(store->presign_put({.key = key_of(i),
                                    .content_type = "image/jpeg",
                                    .size = 500'000,
                                    .sha256 = std::string(32, 's'),
                                    .now = kNow}));
  };
  const auto post = [&](int i) {
    return must(store->presign_post(
        {.key = key_of(i), .content_type = "image/jpeg", .max_size = 500'000, .now = kNow}));
  };
  BareDigests bare(get(0).url);
  Variant variants[] = {
      {"OpenSSL alone, key derived before", [&](int) { bare.signature(); }},
      {"OpenSSL alone, key derived each time", [&](int) { bare.key_and_signature(); }},
      {"presigned GET", [&](int i) { get(i); }},
      {"presigned PUT: type, length, SHA-256", [&](int i) { put(i); }},
      {"POST policy", [&](int i) { post(i); }},
  };
  for (int round = 0; round < rounds; ++round)
    for (auto& variant : variants) variant.run();

  const double cached = variants[0].median(), derived = variants[1].median();
  std::printf("%-38s %9s %8s %13s %13s\n", "one core", "per s", "asked", "of derived", "of cached");
  for (const auto& variant : variants)
    std::printf("%-38s %9.0f %8.0f %13.2f %13.2f\n", variant.what, variant.median(), kAsked,
                variant.median() / derived, variant.median() / cached);
}

// What the tests of the S3 adapter share: a FakeS3 and a store on it that retries without delay.
#pragma once

#include <gtest/gtest.h>

#include "adapters/aws/s3_object_store.h"
#include "support/fake_s3.h"

namespace tintype::testing {

// Keys that end when the test says.
class EndingCredentials final : public CredentialsProvider {
 public:
  Result<AwsCredentials> get(Deadline) override { return current; }
  void forget() override {
    ++forgotten;
    if (next) current = *std::exchange(next, std::nullopt);
  }

  AwsCredentials current{{"AKIDEXAMPLE", "secret", {}}, {}};
  std::optional<AwsCredentials> next;
  int forgotten = 0;
};

inline S3ObjectStoreOptions store_options(const std::string& endpoint) {
  S3ObjectStoreOptions options;
  options.client.s3.bucket = "images";
  options.client.s3.endpoint = endpoint;
  options.client.retry = {.attempts = 4,
                          .base = milliseconds(1),
                          .throttled_base = milliseconds(1),
                          .longest = milliseconds(4)};
  return options;
}

class FakeS3Store {
 public:
  explicit FakeS3Store(bool exists = true) : fake("images", exists) {}

  FakeS3 fake;
  EndingCredentials credentials;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<S3ObjectStore> store =
      S3ObjectStore::create(store_options(fake.url()), credentials, clock, random).value();
};

}  // namespace tintype::testing

// The ObjectStore suite against a server of the S3 API: TINTYPE_TEST_S3_ENDPOINT,
// TINTYPE_TEST_S3_KEY and TINTYPE_TEST_S3_SECRET. The bucket is new for each run of the program,
// and emptied for each test.
#include <unistd.h>

#include <cstdlib>

#include "adapters/aws/s3_bucket.h"
#include "adapters/aws/s3_object_store.h"
#include "conformance/object_store_conformance.h"

namespace tintype::testing {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

const std::string& bucket_name() {
  static const std::string name = "conformance-" + std::to_string(::getpid()) + "-" +
                                  std::to_string(SystemClock().now().time_since_epoch().count());
  return name;
}

class S3UnderTest final : public ObjectStoreUnderTest {
 public:
  S3UnderTest() {
    S3ObjectStoreOptions options;
    options.client.s3.bucket = bucket_name();
    options.client.s3.endpoint = environment("TINTYPE_TEST_S3_ENDPOINT");
    store_ = S3ObjectStore::create(std::move(options), credentials_, clock_, random_).value();
    const auto made = create_bucket(store_->client());
    if (!made.ok()) ADD_FAILURE() << made.error().detail;
  }
  ~S3UnderTest() override {
    const auto removed = destroy_bucket(store_->client(), false);
    if (!removed.ok()) ADD_FAILURE() << removed.error().detail;
  }
  ObjectStore& store() override { return *store_; }

 private:
  FixedCredentials credentials_{
      {environment("TINTYPE_TEST_S3_KEY"), environment("TINTYPE_TEST_S3_SECRET"), {}}};
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<S3ObjectStore> store_;
};

std::unique_ptr<ObjectStoreUnderTest> make_s3() { return std::make_unique<S3UnderTest>(); }

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreConformance, ::testing::Values(&make_s3));

}  // namespace
}  // namespace tintype::testing

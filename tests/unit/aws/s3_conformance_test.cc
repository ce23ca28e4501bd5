// The suite of the port against the FakeS3; tests/aws runs it against real servers.
#include "conformance/object_store_conformance.h"
#include "s3_fixture.h"

namespace tintype::testing {
namespace {

class FakeS3UnderTest final : public ObjectStoreUnderTest {
 public:
  ObjectStore& store() override { return *s3_.store; }

 private:
  FakeS3Store s3_;
};

std::unique_ptr<ObjectStoreUnderTest> make_fake() { return std::make_unique<FakeS3UnderTest>(); }

INSTANTIATE_TEST_SUITE_P(FakeS3, ObjectStoreConformance, ::testing::Values(&make_fake));

}  // namespace
}  // namespace tintype::testing

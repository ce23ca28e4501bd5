#include "adapters/memory/memory_object_store.h"

#include "conformance/object_store_conformance.h"
#include "support/faulty_object_store.h"

namespace tintype::testing {
namespace {

class MemoryUnderTest final : public ObjectStoreUnderTest {
 public:
  ObjectStore& store() override { return store_; }

 private:
  MemoryObjectStore store_;
};

std::unique_ptr<ObjectStoreUnderTest> make_memory() { return std::make_unique<MemoryUnderTest>(); }

INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreConformance, ::testing::Values(&make_memory));

TEST(MemoryObjectStore, IsFullAtItsCapacity) {
  MemoryObjectStore store({.presigner = {}, .capacity_bytes = 10});
  ASSERT_TRUE(put_bytes(store, {.key = "a"}, "123456").ok());
  EXPECT_EQ(put_bytes(store, {.key = "b"}, "12345").error().kind, ErrorKind::storage_full);
  EXPECT_TRUE(put_bytes(store, {.key = "a"}, "1234567890").ok());
  ASSERT_TRUE(store.remove("a").ok());
  EXPECT_TRUE(put_bytes(store, {.key = "b"}, "12345").ok());
}

TEST(FaultyObjectStore, CountsTheCallsOfWritersToo) {
  MemoryObjectStore memory;
  FaultyObjectStore store(memory);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    store.fail_at(n, storage_full_error("full"));
    EXPECT_EQ(put_bytes(store, {.key = "a"}, "x").error().kind, ErrorKind::storage_full) << n;
    EXPECT_EQ(memory.head("a").error().kind, ErrorKind::not_found);
  }
  store.fail_at(3, unavailable_error("lost"), FaultyObjectStore::When::after);
  EXPECT_FALSE(put_bytes(store, {.key = "a"}, "x").ok());
  EXPECT_TRUE(memory.head("a").ok());
  EXPECT_EQ(store.failures(), 4u);
}

}  // namespace
}  // namespace tintype::testing

#include "adapters/memory/memory_metadata_store.h"

#include "adapters/memory/search_words.h"
#include "conformance/metadata_store_conformance.h"
#include "support/faulty_metadata_store.h"

namespace tintype::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, MetadataStoreTest,
                         ::testing::Values(MetadataStoreFactory{
                             "memory", [] { return std::make_shared<MemoryMetadataStore>(); }}),
                         factory_name);

TEST(SearchWordsTest, CutsAndFolds) {
  using Tokens = std::vector<std::string>;
  EXPECT_EQ(search_tokens("IMG_2024-a.JPG"), (Tokens{"img", "2024", "a", "jpg"}));
  EXPECT_EQ(search_tokens("Žluťoučký KŮŇ"), (Tokens{"zlutoucky", "kun"}));
  EXPECT_EQ(search_tokens("Łódź ØRE Straße"), (Tokens{"łodz", "øre", "straße"}));
  EXPECT_EQ(search_tokens("ΑΒΓ Ёлка"), (Tokens{"αβγ", "ёлка"}));
  EXPECT_EQ(search_tokens("e\xCC\x81te"), (Tokens{"ete"}));
  EXPECT_EQ(search_tokens("a\xFF\x62 \xE2\x80\x93 c"), (Tokens{"a", "b", "c"}));
}

TEST(FaultyMetadataStoreTest, FailsAtTheChosenCall) {
  MemoryMetadataStore memory;
  FaultyMetadataStore faulty(memory);
  const auto image = ImageBuilder().build();
  faulty.fail_at(2, unavailable_error("disk"));
  EXPECT_TRUE(faulty.check().ok());
  EXPECT_EQ(faulty.insert(image, {}).error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(memory.get(image.image_id).ok());
  EXPECT_TRUE(faulty.insert(image, {}).ok());
  faulty.fail_at(1, timeout_error("lost"), FaultyMetadataStore::When::after);
  EXPECT_EQ(faulty.remove(image.image_id, 1).error().kind, ErrorKind::timeout);
  EXPECT_FALSE(memory.get(image.image_id).ok());
  faulty.fail_from(1, storage_full_error("full"));
  EXPECT_FALSE(faulty.check().ok());
  EXPECT_FALSE(faulty.check().ok());
  faulty.heal();
  EXPECT_TRUE(faulty.check().ok());
  EXPECT_EQ(faulty.failures(), 4u);
}

}  // namespace
}  // namespace tintype::testing

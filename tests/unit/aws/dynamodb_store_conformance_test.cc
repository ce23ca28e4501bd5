// The conformance suite of MetadataStore on a DynamoDB that is as strict as the real one; the same
// suite runs on real servers in tests/aws.
#include "conformance/metadata_store_conformance.h"
#include "dynamodb_fixture.h"

namespace tintype::testing {
namespace {

template <bool Transactions>
std::shared_ptr<MetadataStore> make_store() {
  auto world = std::make_shared<DynamoDbWorld>(Transactions);
  return {world, &world->process.store};
}

INSTANTIATE_TEST_SUITE_P(DynamoDb, MetadataStoreTest,
                         ::testing::Values(MetadataStoreFactory{"transactions", make_store<true>,
                                                                10},
                                           MetadataStoreFactory{"steps", make_store<false>, 10}),
                         factory_name);

}  // namespace
}  // namespace tintype::testing

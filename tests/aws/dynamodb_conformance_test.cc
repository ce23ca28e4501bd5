// DynamoDbMetadataStore on the server that TINTYPE_TEST_DYNAMODB_ENDPOINT names.
#include "aws/own_tables.h"
#include "conformance/metadata_store_conformance.h"

namespace tintype::testing {
namespace {

template <bool Transactions>
std::shared_ptr<MetadataStore> make_store() {
  auto tables = std::make_shared<OwnTables>(OwnTablesOptions{.transactions = Transactions});
  return {tables, &tables->store()};
}

INSTANTIATE_TEST_SUITE_P(DynamoDb, MetadataStoreTest,
                         ::testing::Values(MetadataStoreFactory{"transactions", make_store<true>,
                                                                10},
                                           MetadataStoreFactory{"steps", make_store<false>, 10}),
                         factory_name);

}  // namespace
}  // namespace tintype::testing

// DynamoDbMetadataStore on the server that TINTYPE_TEST_DYNAMODB_ENDPOINT names.
#include <atomic>
#include <cstdlib>

#include "adapters/aws/dynamodb_metadata_store.h"
#include "conformance/metadata_store_conformance.h"

namespace tintype::testing {
namespace {

std::string from_environment(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value ? value : std::move(otherwise);
}

// A store with tables of its own, which go with it.
class OwnTables {
 public:
  explicit OwnTables(bool transactions)
      : credentials_({from_environment("TINTYPE_TEST_DYNAMODB_KEY", "test"),
                      from_environment("TINTYPE_TEST_DYNAMODB_SECRET", "test"),
                      {}}),
        aws_(options(), credentials_, clock_, random_),
        client_(aws_, random_),
        names_(
            dynamodb::TableNames::with_prefix("t" + hex_encode(random_bytes(random_, 6)) + "_")) {
    auto made = dynamodb::provision_tables(client_, names_, {});
    if (!made.ok()) ADD_FAILURE() << made.error().detail;
    store_.emplace(client_, clock_, random_,
                   dynamodb::RecordOptions{names_, transactions, /*shards=*/3});
  }
  ~OwnTables() {
    store_.reset();
    (void)dynamodb::delete_tables(client_, names_, {});
  }
  MetadataStore& store() { return *store_; }

 private:
  static AwsClientOptions options() {
    AwsClientOptions options;
    options.service = "dynamodb";
    options.name = "DynamoDB";
    options.region = "us-east-1";
    options.scheme_and_host =
        from_environment("TINTYPE_TEST_DYNAMODB_ENDPOINT", "http://127.0.0.1:4566");
    return options;
  }

  SystemClock clock_;
  SystemRandom random_;
  FixedCredentials credentials_;
  AwsClient aws_;
  dynamodb::Client client_;
  dynamodb::TableNames names_;
  std::optional<DynamoDbMetadataStore> store_;
};

template <bool Transactions>
std::shared_ptr<MetadataStore> make_store() {
  auto tables = std::make_shared<OwnTables>(Transactions);
  return {tables, &tables->store()};
}

INSTANTIATE_TEST_SUITE_P(DynamoDb, MetadataStoreTest,
                         ::testing::Values(MetadataStoreFactory{"transactions", make_store<true>,
                                                                10},
                                           MetadataStoreFactory{"steps", make_store<false>, 10}),
                         factory_name);

}  // namespace
}  // namespace tintype::testing

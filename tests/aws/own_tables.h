// A metadata store on the server that TINTYPE_TEST_DYNAMODB_ENDPOINT names, with tables of its own,
// which go with it. Knows nothing of GoogleTest, so that benchmarks can use it too.
#pragma once

#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "adapters/aws/dynamodb_metadata_store.h"
#include "adapters/aws/dynamodb_tables.h"

namespace tintype::testing {

struct OwnTablesOptions {
  bool transactions = true;
  bool count_capacity = false;
};

class OwnTables {
 public:
  static constexpr std::uint32_t kShards = 3;

  // Throws std::runtime_error when the tables cannot be made.
  explicit OwnTables(OwnTablesOptions options)
      : credentials_({from_environment("TINTYPE_TEST_DYNAMODB_KEY", "test"),
                      from_environment("TINTYPE_TEST_DYNAMODB_SECRET", "test"),
                      {}}),
        aws_(aws_options(), credentials_, clock_, random_),
        client_(aws_, random_, {.count_capacity = options.count_capacity}),
        names_(
            dynamodb::TableNames::with_prefix("t" + hex_encode(random_bytes(random_, 6)) + "_")) {
    ProvisionLog log;
    auto made = dynamodb::provision_tables(client_, names_, {}, log);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    store_.emplace(client_, clock_, random_,
                   dynamodb::RecordOptions{names_, options.transactions, kShards});
  }
  ~OwnTables() {
    store_.reset();
    ProvisionLog log;
    (void)dynamodb::delete_tables(client_, names_, {}, log);
  }
  MetadataStore& store() { return *store_; }
  dynamodb::Client& client() { return client_; }
  const dynamodb::TableNames& names() const { return names_; }

 private:
  static std::string from_environment(const char* name, std::string otherwise) {
    const char* value = std::getenv(name);
    return value ? value : std::move(otherwise);
  }
  static AwsClientOptions aws_options() {
    AwsClientOptions options;
    options.service = "dynamodb";
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

}  // namespace tintype::testing

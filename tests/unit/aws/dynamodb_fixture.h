// What the tests of the DynamoDB adapter share: a FakeDynamoDb, and a client that retries without
// delay.
#pragma once

#include <gtest/gtest.h>

#include "adapters/aws/dynamodb_metadata_store.h"
#include "fake_dynamodb.h"
#include "support/image_builder.h"

namespace tintype::testing {

class SetClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(milliseconds(ms_.load())); }
  void advance(milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{kTestEpoch.time_since_epoch().count()};
};

inline AwsClientOptions dynamodb_options(const std::string& url) {
  AwsClientOptions options;
  options.service = "dynamodb";
  options.region = "us-east-1";
  options.scheme_and_host = url;
  options.retry = {.attempts = 4,
                   .base = milliseconds(1),
                   .throttled_base = milliseconds(1),
                   .longest = milliseconds(2)};
  return options;
}

// A process of its own: clients and a store on a server.
struct DynamoDbProcess {
  explicit DynamoDbProcess(const std::string& url, const Clock& clock, bool transactions = true,
                           dynamodb::ClientOptions options = {},
                           std::size_t most_in_transaction = dynamodb::kMostInTransaction)
      : aws(dynamodb_options(url), credentials, clock, random),
        client(aws, random, options),
        records{FakeDynamoDb::names(), transactions, /*shards=*/3, most_in_transaction},
        writer(client, clock, records),
        store(client, clock, random, records) {}

  SystemRandom random;
  FixedCredentials credentials{{"AKIDEXAMPLE", "secret", {}}};
  AwsClient aws;
  dynamodb::Client client;
  dynamodb::RecordOptions records;
  dynamodb::RecordWriter writer;
  DynamoDbMetadataStore store;
};

struct DynamoDbWorld {
  explicit DynamoDbWorld(bool transactions = true,
                         std::size_t most_in_transaction = dynamodb::kMostInTransaction)
      : process(fake.url(), clock, transactions, {}, most_in_transaction) {}

  FakeDynamoDb fake;
  SetClock clock;
  DynamoDbProcess process;
};

}  // namespace tintype::testing

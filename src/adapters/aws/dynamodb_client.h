// DynamoDbClient: DynamoDB's operations, typed, over AwsClient.
//
// Thread-safe. Every call ends within the options' request_timeout and its thread's DeadlineScope.
// Batches are followed up until everything is done: UnprocessedItems, UnprocessedKeys. Errors:
// those of dynamodb_errors.h and aws_client.h. A condition that did not hold is an outcome, not an
// error.
#pragma once

#include <mutex>

#include "adapters/aws/aws_client.h"
#include "adapters/aws/dynamodb_errors.h"
#include "adapters/aws/dynamodb_request.h"
#include "base/deadline_scope.h"
#include "base/encoding.h"

namespace tintype::dynamodb {

struct Outcome {
  bool done = true;
  // Not done: for each write whether its condition failed, and the item as it is, where the server
  // tells.
  struct Refusal {
    bool failed = false;
    std::optional<Item> item;
  };
  std::vector<Refusal> refusals;
  std::optional<Item> after;  // of an Update with `return_new`
  // A write was sent more than once: "not done" may mean that an earlier attempt did it.
  bool repeated = false;
};

struct ClientOptions {
  milliseconds request_timeout = seconds(10);
  bool count_capacity = false;  // asks for ConsumedCapacity in every answer
};

class Client {
 public:
  // `aws` must outlive the client; `random` gives the tokens of transactions.
  Client(AwsClient& aws, Random& random, ClientOptions options = {});

  Result<std::optional<Item>> get(std::string_view table, const Item& key);
  Result<Outcome> write(const Write& write);
  // All or nothing; at most kMostInTransaction.
  Result<Outcome> transact(const std::vector<Write>& writes);
  Result<Page> query(const Query& query);
  // Those that exist, in no particular order; any number of keys.
  Result<std::vector<Item>> batch_get(std::string_view table, const std::vector<Item>& keys);
  // Puts and deletes without conditions; any number, in any order. May be half done at an error.
  Result<void> batch_write(const std::vector<Write>& writes);
  // Any operation: `body` and answer are JSON. For what needs no speed, such as making tables.
  Result<std::string> call(std::string_view operation, std::string body, std::string_view table);
  // The same with DynamoDB's own errors as an answer.
  Result<HttpResponse> raw(std::string_view operation, std::string body);

  // 32 random hex digits.
  std::string new_token() { return hex_encode(random_bytes(random_, 16)); }
  // With count_capacity: read and write units so far.
  double capacity() const;
  AwsClient& aws() { return aws_; }

 private:
  Result<AwsAnswer> send(std::string_view operation, std::string body, Deadline deadline);
  Result<std::vector<Item>> batch_get_part(std::string_view table, std::vector<Item> keys);
  Result<void> batch_write_part(const std::vector<Write>& part);
  void add_capacity(std::string_view body);
  Deadline deadline() const { return step_deadline(options_.request_timeout); }

  AwsClient& aws_;
  Random& random_;
  ClientOptions options_;
  mutable std::mutex mutex_;
  double capacity_ = 0;  // guarded by mutex_
};

}  // namespace tintype::dynamodb

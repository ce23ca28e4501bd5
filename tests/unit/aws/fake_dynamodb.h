// FakeDynamoDb: Tintype's tables in memory behind a FakeHttpServer, as strict as DynamoDB itself
// where emulators are not: placeholders that nothing uses, two actions on one item in a transaction
// or batch, more than 100 actions or 25 writes, keys that are empty or changed, filters on keys,
// consistent reads of indexes, BETWEEN in the wrong order, items that are too large. And it fails
// when told.
#pragma once

#include <condition_variable>

#include "adapters/aws/dynamodb_client.h"
#include "adapters/aws/dynamodb_tables.h"
#include "support/fake_http_server.h"

namespace tintype::testing {

enum class Fault : std::uint8_t {
  none,
  lost_request,  // never arrives
  lost_answer,   // is done, but the answer does not arrive
  throttled,
  forbidden,  // for good: as if the caller had died here
};

class FakeDynamoDb {
 public:
  FakeDynamoDb();

  std::string url() const { return server_.url(); }
  static dynamodb::TableNames names() { return dynamodb::TableNames::with_prefix(""); }

  // Asked for each request, with its number from 0; set it while nobody calls.
  std::function<Fault(int number, const std::string& operation)> plan;
  std::size_t most_in_page = 1000;         // items that a query reads for one answer
  std::size_t most_in_batch_write = 25;    // the others come back as UnprocessedItems
  std::size_t most_in_batch_get = 100;     // the same for UnprocessedKeys
  bool has_tokens = true;                  // a transaction with a known token is not done again
  bool returns_reasons_as_members = true;  // or in the message alone

  int calls() const { return calls_; }
  std::vector<std::string> operations() const;
  // A table's items by their keys, joined by `|`.
  std::map<std::string, dynamodb::Item> items(const std::string& table) const;
  void put(const std::string& table, const dynamodb::Item& item);

 private:
  struct Table;
  struct Request;
  std::string serve(const FakeRequest& request);
  std::string run(const std::string& operation, const std::string& body);
  std::string get(Request& request);
  std::string write(Request& request, const std::string& operation);
  std::string transact(Request& request);
  std::string query(Request& request);
  std::string batch_get(Request& request);
  std::string batch_write(Request& request);
  Table& table(const std::string& name);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Table>> tables_;
  std::set<std::string> tokens_;
  std::vector<std::string> operations_;
  std::atomic<int> calls_{0};
  FakeHttpServer server_;  // last: it calls the others
};

}  // namespace tintype::testing

// DynamoDB's requests as values, and their JSON bodies. Pure functions.
//
// Expressions never hold a name or a value themselves: Placeholders gives `#n0` and `:v0` for them,
// so no word is reserved and nothing needs escaping. Source: Amazon DynamoDB API reference, API
// version 2012-08-10.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/aws/dynamodb_item.h"

namespace tintype::dynamodb {

// The names and values that the expressions of one request speak of.
class Placeholders {
 public:
  std::string name(std::string_view attribute);
  std::string value(Value value);
  void write(JsonWriter& json) const;

 private:
  std::vector<std::pair<std::string, std::string>> names_;  // placeholder, attribute
  Item values_;
};

struct Put {
  std::string table;
  Item item;
  std::string condition;  // empty: none
  Placeholders placeholders;
};
struct Update {
  std::string table;
  Item key;
  std::string update;
  std::string condition;
  Placeholders placeholders;
  bool return_new = false;  // the item as it is afterwards; not in transactions
};
struct Delete {
  std::string table;
  Item key;
  std::string condition;
  Placeholders placeholders;
};
using Write = std::variant<Put, Update, Delete>;

struct Query {
  std::string table;
  std::string index;  // empty: the table itself
  std::string key_condition;
  std::string filter;
  Placeholders placeholders;
  bool forward = true;
  bool consistent = false;  // never with an index
  std::size_t limit = 0;    // items read, before the filter; 0: up to 1 MB
  std::optional<Item> start;
};

struct Page {
  std::vector<Item> items;
  std::optional<Item> last_key;  // where the next one starts
};

inline constexpr std::size_t kMostInTransaction = 100;
inline constexpr std::size_t kMostInBatchGet = 100;
inline constexpr std::size_t kMostInBatchWrite = 25;

std::string_view operation_of(const Write& write);  // `PutItem`, ...
std::string write_body(const Write& write, bool return_capacity);
// `token`: 1-36 characters; the same request with the same token takes effect once.
std::string transact_body(const std::vector<Write>& writes, std::string_view token,
                          bool return_capacity);
std::string get_body(std::string_view table, const Item& key, bool return_capacity);
std::string query_body(const Query& query, bool return_capacity);
std::string batch_get_body(std::string_view table, const std::vector<Item>& keys,
                           bool return_capacity);
// Only puts and deletes without conditions.
std::string batch_write_body(const std::vector<Write>& writes, bool return_capacity);

}  // namespace tintype::dynamodb

// ListSource: one partition of a table or index, read in order of its sort key, a part at a time.
//
// Not thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "adapters/aws/dynamodb_client.h"
#include "domain/image_query.h"

namespace tintype::dynamodb {

// A partition, and which of its rows are wanted.
struct Partition {
  std::string table;
  std::string index;  // empty: the table itself
  std::string key;    // the attribute of the partition key
  std::string value;
  std::string sort = "listed_at";
  bool consistent = false;
};

// Bounds of the sort key as texts, both included; empty: none. `after` is excluded and beyond it in
// the direction of reading.
struct SortRange {
  std::string first;
  std::string last;
  std::string after;
};

struct Row {
  std::string place;
  Item item;
};

class ListSource {
 public:
  // `filter` adds conditions of its own to each query, or leaves it alone.
  using Filter = void (*)(Query& query, const ImageQuery& wanted);
  ListSource(Partition partition, const SortRange& range, bool forward, Filter filter,
             const ImageQuery* wanted);

  // Reads one more part of `limit` rows at most. Errors: the client's.
  Result<void> read(Client& client, std::size_t limit);
  bool is_empty() const { return rows_.empty(); }
  bool is_exhausted() const { return exhausted_; }
  const Row& front() const { return rows_.front(); }
  Row take();
  // Everything up to here has been read: the place of the last row, wanted or not.
  const std::string& read_up_to() const { return read_up_to_; }

 private:
  Query make_query(std::size_t limit) const;

  Partition partition_;
  std::string low_, high_, after_;
  bool forward_;
  Filter filter_;
  const ImageQuery* wanted_;
  std::deque<Row> rows_;
  std::optional<Item> start_;
  std::string read_up_to_;
  bool exhausted_ = false;
};

}  // namespace tintype::dynamodb

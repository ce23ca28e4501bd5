// What DynamoDB says of a table: the part of DescribeTable's answer that Tintype looks at.
//
// Source: TableDescription and GlobalSecondaryIndexDescription of the Amazon DynamoDB API
// reference. What a server leaves out is empty here.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tintype::dynamodb {

struct KeyNames {
  std::string partition;
  std::string sort;  // empty: none
  bool operator==(const KeyNames&) const = default;
};
// `image_id` or `list, listed_at`.
std::string to_text(const KeyNames& keys);

struct IndexDescription {
  std::string name;
  KeyNames keys;
  std::string projection;  // ALL, KEYS_ONLY, INCLUDE
  std::string status;      // CREATING, ACTIVE, ...
};

struct TableDescription {
  std::string status;
  KeyNames keys;
  std::map<std::string, std::string> types;  // S, N or B for each attribute of a key
  std::vector<IndexDescription> indexes;     // global ones
  bool is_protected = false;

  // Null when there is none of that name.
  const IndexDescription* index(std::string_view name) const;
};

// `member` is where it is: `Table` in the answer of DescribeTable, `TableDescription` in that of
// UpdateTable. Errors: `internal`.
Result<TableDescription> parse_table(std::string_view body, std::string_view member);

}  // namespace tintype::dynamodb

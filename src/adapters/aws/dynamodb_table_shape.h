// The shape that each of Tintype's tables has to have, the requests that make it, and how a table
// that is there differs from it. Pure functions.
//
// Sources: CreateTable and UpdateTable of the Amazon DynamoDB API reference.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/dynamodb_table_description.h"
#include "adapters/aws/dynamodb_tables.h"

namespace tintype::dynamodb {

struct IndexShape {
  std::string name;
  KeyNames keys;
  bool whole = true;  // all attributes, or keys alone
};

struct TableShape {
  std::string name;
  KeyNames keys;
  std::vector<IndexShape> indexes;
  std::string ttl;  // the attribute; empty: none
};

std::vector<TableShape> table_shapes(const TableNames& names);

std::string create_table_body(const TableShape& table);
// UpdateTable's. What it says of the attributes holds for the whole table, so it repeats what is.
std::string add_index_body(const TableShape& table, const IndexShape& index,
                           const TableDescription& description);

// Whether keys, their types, and what the indexes hold are as wanted, as far as they are there and
// the server tells. An index that holds more than wanted will do. Errors: `aws_table_differs`.
Result<void> check_shape(const TableShape& table, const TableDescription& description);

// The indexes that are not there at all.
std::vector<IndexShape> missing_indexes(const TableShape& table,
                                        const TableDescription& description);
// Whether Tintype may add what is missing: not to a table that shares but its key with ours, which
// may be somebody else's.
bool is_surely_ours(const TableShape& table, const TableDescription& description);
// `aws_table_differs`: what `check_shape` leaves to its callers.
Error lacks_index(const TableShape& table, const IndexShape& index, std::string_view advice);
// The usual advice, on tables that are not Tintype's.
inline constexpr std::string_view kOtherTable =
    "Choose another dynamodb.table_prefix, or delete the table.";

// An index of ours that cannot be read yet, or no more; null when there is none. One whose
// capacity is changed (UPDATING) can be read.
const IndexDescription* unready_index(const TableShape& table, const TableDescription& description);
// ALL or KEYS_ONLY.
std::string_view projection_of(const IndexShape& index);

}  // namespace tintype::dynamodb

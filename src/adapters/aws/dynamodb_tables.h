// The tables that Tintype keeps in DynamoDB: their names, keys and indexes, and making, checking
// and deleting them.
//
//   images        image_id                    one record each
//     UserIndex     user_status, listed_at    a user's images of one status
//     StatusIndex   status_shard, listed_at   everyone's, spread over shards
//     DueIndex      due_shard, due_at         what the janitor has to look at
//   image_tags    list, listed_at             index rows and counts of tags (index_rows.h)
//     TagIndex      tag_shard, listed_at      a tag's images of all users
//   image_ledger  key                         usage, and idempotency keys, which end by `ttl`
//     ExpiryIndex   expiry_shard, expires_at  keys to be forgotten
#pragma once

#include <string>
#include <string_view>

#include "adapters/aws/dynamodb_client.h"
#include "adapters/aws/provision_log.h"

namespace tintype::dynamodb {

struct TableNames {
  std::string images;
  std::string tags;
  std::string ledger;

  static TableNames with_prefix(std::string_view prefix);
};

inline constexpr std::string_view kUserIndex = "UserIndex";
inline constexpr std::string_view kStatusIndex = "StatusIndex";
inline constexpr std::string_view kDueIndex = "DueIndex";
inline constexpr std::string_view kTagIndex = "TagIndex";
inline constexpr std::string_view kExpiryIndex = "ExpiryIndex";

struct ProvisionOptions {
  bool dry_run = false;                             // only looks, and tells what would be done
  milliseconds patience = std::chrono::minutes(5);  // until a table is ready, or gone
};

// Makes what is missing (a table, or an index of a table that has another of ours), waits for what
// is being made, and turns on what is off (TTL, point-in-time recovery). Idempotent. What was done
// before an error is in the log. Errors: also `aws_table_differs`, for a table that is there with
// other keys, types or indexes.
Result<void> provision_tables(Client& client, const TableNames& names,
                              const ProvisionOptions& options, ProvisionLog& log);
// Deletes nothing when one of them must stay: is protected, or is somebody else's by its shape.
Result<void> delete_tables(Client& client, const TableNames& names, const ProvisionOptions& options,
                           ProvisionLog& log);
// Whether delete_tables would delete all that are there. Errors: `unavailable` with the reason.
Result<void> check_deletable(Client& client, const TableNames& names);
// One clear sentence for what is missing, differs, or is still being made. Cheap: DescribeTable on
// each.
Result<void> check_tables(Client& client, const TableNames& names);

}  // namespace tintype::dynamodb

// The single writes that a change of a record consists of. Pure functions.
#pragma once

#include <utility>

#include "adapters/aws/dynamodb_request.h"
#include "adapters/aws/dynamodb_tables.h"
#include "adapters/aws/index_rows.h"
#include "ports/metadata_store.h"

namespace tintype::dynamodb {

Put put_if_new(const std::string& table, Item record);
// For changes: only if the record has this revision and no note, for whoever makes one must not
// lose another one's.
Put change_if_revision(const std::string& table, Item record, std::int64_t revision);
Delete delete_if_revision(const std::string& table, const ImageId& id, std::int64_t revision);

// Adds to the members of a counter.
Update add_to(std::string table, Item key,
              const std::vector<std::pair<std::string_view, std::int64_t>>& members);
Item usage_key(std::string_view user_id);
Update usage_update(const TableNames& tables, std::string_view user_id, std::int64_t images,
                    std::int64_t bytes);

// False for what is more than the whole quota.
bool fits_at_all(const Usage& added, const Quota& quota);
// The user's usage must have room for what the update adds; `added` fits at all.
void demand_room(Update& usage, const Usage& added, const Quota& quota);

// A counter takes the change of a token once: it remembers the token until told to forget it.
void only_once(Update& counter, const std::string& token);
Update forget_token(const Update& counter, const std::string& token);
bool knows(const std::optional<Item>& counter, const std::string& token);

// The usage first, if it changes; then rows, then counts.
void add_consequences(std::vector<Write>& writes, const TableNames& tables,
                      std::string_view user_id, const Consequences& consequences);

}  // namespace tintype::dynamodb

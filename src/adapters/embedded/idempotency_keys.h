// The table of idempotency keys. The writes run on the writer's thread, inside its transaction.
#pragma once

#include "adapters/embedded/sqlite.h"
#include "ports/metadata_store.h"

namespace tintype {

Result<IdempotencyState> begin_key(SqliteConnection& connection, const IdempotencyRequest& request);
Result<void> finish_key(SqliteConnection& connection, std::string_view key, std::string_view holder,
                        const StoredAnswer& answer);
Result<void> abandon_key(SqliteConnection& connection, std::string_view key,
                         std::string_view holder);
Result<std::size_t> forget_keys(SqliteConnection& connection, Timestamp now);

}  // namespace tintype

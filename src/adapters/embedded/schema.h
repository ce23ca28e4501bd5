// The tables of metadata.db and how older files become current. docs/storage-format.md describes
// each table.
#pragma once

#include "adapters/embedded/sqlite.h"

namespace tintype {

// PRAGMA user_version of a current file.
int current_schema_version();

// Brings an empty or older database to the current version, each step in one transaction. Errors:
// `internal` when a newer Tintype wrote the file.
Result<void> migrate_schema(SqliteConnection& connection);

}  // namespace tintype

// The writes of one image record and all that follows from it: tag rows, counters, usage, places by
// perceptual hash and search documents. Runs on the writer's thread, inside its transaction.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "adapters/embedded/search_index.h"
#include "adapters/embedded/sqlite.h"
#include "ports/metadata_store.h"

namespace tintype {

// What the current transaction leaves to do at its end. A failed write adds nothing.
struct PendingChanges {
  std::vector<DocChange> docs;
  std::vector<std::pair<ImageId, std::shared_ptr<const ImageMetadata>>> records;  // null: removed
};

Result<void> insert_image(SqliteConnection& connection, const ImageMetadata& image,
                          const Quota& quota, PendingChanges& pending);

// `image` carries the revision that is expected; on success it has the new one.
Result<void> update_image(SqliteConnection& connection, ImageMetadata& image,
                          PendingChanges& pending);

Result<void> remove_image(SqliteConnection& connection, const ImageId& id, std::int64_t revision,
                          PendingChanges& pending);

Result<Usage> read_usage(SqliteConnection& connection, std::string_view user_id);

}  // namespace tintype

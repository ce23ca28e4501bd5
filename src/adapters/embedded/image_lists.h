// Pages of images: chooses the index that a query walks along, and walks it.
//
//   words             the search index, by document key
//   a similar image   image_hashes: a user's own hashes, or a merge of the lists near the hash
//   one or more tags  image_tags: the rarest tag for `all`, a merge of all tags for `any`
//   user              the table itself, which is clustered for this
//   otherwise         images_by_status
//
// What the index does not decide is checked row by row. After `budget` rows the page ends where it
// is, with a position to go on from.
#pragma once

#include <vector>

#include "adapters/embedded/record_cache.h"
#include "adapters/embedded/sqlite.h"
#include "ports/metadata_store.h"

namespace tintype {

// Records come from the cache where it has them, and go there with `tickets`, which must have been
// taken before the connection's transaction began.
Result<SharedImagePage> list_images(SqliteConnection& connection, RecordCache& cache,
                                    const RecordCache::Tickets& tickets, const ImageQuery& query,
                                    std::size_t budget);

// The statements that walk an index, for a test of their query plans.
std::vector<const char*> list_statements();

}  // namespace tintype

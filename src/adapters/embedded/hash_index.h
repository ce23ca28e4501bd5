// The index of perceptual hashes, `image_hashes`: finds the images near a hash without comparing it
// with all of them.
//
// Each active image with a hash lies in five lists: one for each 16-bit band of its hash, by the
// band's value, and its user's. Every list is in order of time and carries the whole hash. Hashes
// that differ in at most 10 bits differ in at most 2 bits of one of the first three bands or in at
// most 1 bit of the last, for otherwise they differed in 3 + 3 + 3 + 2 = 11. So the lists of
// 3 * 137 + 17 = 428 values hold every similar image, and of random hashes 0.65 % of all.
#pragma once

#include <vector>

#include "adapters/embedded/sqlite.h"
#include "domain/image_metadata.h"

namespace tintype {

// The lists that hold every image within kSimilarDistance of the hash.
std::vector<std::int64_t> lists_near(std::uint64_t hash);

// Moves the image from the lists where it was to those where it belongs. Nothing: it was not there
// before, or is not any more.
Result<void> change_hash(SqliteConnection& connection, const ImageMetadata* before,
                         const ImageMetadata* after);

// Adds all images to an empty index, when a file is migrated.
Result<void> fill_hash_index(SqliteConnection& connection);

}  // namespace tintype

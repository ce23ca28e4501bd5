// An ImageMetadata as a row of the table `images`, and back. The order of columns is that of the
// table; the macro lists them so that SQL texts can be put together from literals.
#pragma once

#include "adapters/embedded/sqlite.h"
#include "domain/image_metadata.h"

#define TINTYPE_IMAGE_COLUMNS                                                                      \
  "user_id, status, upload_timestamp, image_id, doc, due_at, content_type, size, tags, filename, " \
  "visibility, s3_bucket, s3_key, updated_at, revision, sha256, failure_code, failure_detail, "    \
  "deleted_at, purge_at, deleted_from, declared_sha256, expires_at, lease_until, variants, "       \
  "facts_content_type, width, height, frames, orientation, has_alpha, color_profile, thumbhash, "  \
  "dominant_color, perceptual_hash, location, exif, description, metadata"

namespace tintype {

// Positions of the columns that filters look at before the whole row is read.
inline constexpr int kDocColumn = 4;
inline constexpr int kContentTypeColumn = 6;
inline constexpr int kSizeColumn = 7;

// Texts that a bound row refers to; must live as long as the run of the query.
struct ImageRowTexts {
  explicit ImageRowTexts(const ImageMetadata& image);
  std::string tags;
  std::string variants;
};

// Binds every column, in the table's order, to parameters 1 and up. `doc` is the key in the search
// index, nothing when the image is not in it.
void bind_image(SqliteQuery& query, const ImageMetadata& image, const ImageRowTexts& texts,
                std::optional<std::int64_t> doc);

// Reads a row that was selected with TINTYPE_IMAGE_COLUMNS.
ImageMetadata read_image(const SqliteQuery& row);

// Reads all rows of a query that selects TINTYPE_IMAGE_COLUMNS.
Result<std::vector<ImageMetadata>> read_images(SqliteQuery& query);

std::string join_tags(const std::vector<std::string>& tags);  // by one space

}  // namespace tintype

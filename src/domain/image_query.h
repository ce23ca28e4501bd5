// ImageQuery: a typed, validated question for images, and where in its answer a page begins.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/image_id.h"
#include "domain/image_metadata.h"
#include "domain/limits.h"
#include "domain/media_type.h"

namespace tintype {

enum class SortOrder : std::uint8_t { newest, oldest };
enum class TagsMatch : std::uint8_t { all, any };

// The place of an image in every list: lists are ordered by (upload_timestamp, image_id).
struct ListPosition {
  Timestamp upload_timestamp;
  ImageId image_id;
  auto operator<=>(const ListPosition&) const = default;
};

// Images whose perceptual hash is within kSimilarDistance of that of `image_id`, which is not among
// them itself.
struct SimilarTo {
  ImageId image_id;
  std::optional<std::uint64_t> hash;  // nothing: it has none, and nothing is similar to it
};

struct ImageQuery {
  std::optional<std::string> user_id;
  std::vector<std::string> tags;  // normalised, no duplicates
  TagsMatch tags_match = TagsMatch::all;
  std::optional<MediaType> content_type;
  std::optional<Timestamp> start_date;  // inclusive
  std::optional<Timestamp> end_date;    // inclusive
  ImageStatus status = ImageStatus::active;
  std::optional<std::uint64_t> min_size;
  std::optional<std::uint64_t> max_size;
  std::optional<std::string> words;  // all must occur in description, filename or tags
  std::optional<SimilarTo> similar_to;
  SortOrder sort = SortOrder::newest;
  std::size_t limit = kDefaultPageSize;  // 1-100
  std::optional<ListPosition> after;     // the last image of the page before, excluded
};

// True when the image satisfies every filter of the query except `words` and `after`. The meaning
// of a query; adapters that filter in other ways must agree with it.
bool matches(const ImageQuery& query, const ImageMetadata& image);

inline ListPosition position_of(const ImageMetadata& image) {
  return {image.upload_timestamp, image.image_id};
}

// A text that is the same for equal filters and differs for different ones; `limit` and `after`
// play no part. Cursors are bound to it.
std::string filter_fingerprint(const ImageQuery& query);

}  // namespace tintype

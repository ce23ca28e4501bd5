#include "domain/image_query.h"

#include <algorithm>

#include "base/encoding.h"
#include "domain/hash_distance.h"

namespace tintype {
namespace {

bool has_tag(const ImageMetadata& image, const std::string& tag) {
  return std::find(image.tags.begin(), image.tags.end(), tag) != image.tags.end();
}

bool tags_match(const ImageQuery& query, const ImageMetadata& image) {
  auto has = [&](const std::string& tag) { return has_tag(image, tag); };
  if (query.tags.empty()) return true;
  return query.tags_match == TagsMatch::all
             ? std::all_of(query.tags.begin(), query.tags.end(), has)
             : std::any_of(query.tags.begin(), query.tags.end(), has);
}

bool is_similar(const SimilarTo& reference, const ImageMetadata& image) {
  if (!reference.hash || !image.facts || image.image_id == reference.image_id) return false;
  const auto hash = parse_perceptual_hash(image.facts->perceptual_hash);
  return hash && hash_distance(*hash, *reference.hash) <= kSimilarDistance;
}

// Appends one part; the length in front keeps `ab`+`c` apart from `a`+`bc`.
void append_part(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=").append(std::to_string(value.size())).append(":").append(value);
}

std::string ms_text(Timestamp t) { return std::to_string(t.time_since_epoch().count()); }

}  // namespace

bool matches(const ImageQuery& q, const ImageMetadata& image) {
  return image.status == q.status && (!q.user_id || *q.user_id == image.user_id) &&
         (!q.content_type || *q.content_type == image.content_type) &&
         (!q.start_date || image.upload_timestamp >= *q.start_date) &&
         (!q.end_date || image.upload_timestamp <= *q.end_date) &&
         (!q.min_size || image.size >= *q.min_size) && (!q.max_size || image.size <= *q.max_size) &&
         tags_match(q, image) && (!q.similar_to || is_similar(*q.similar_to, image));
}

std::string filter_fingerprint(const ImageQuery& q) {
  std::string out;
  append_part(out, "status", status_name(q.status));
  append_part(out, "sort", q.sort == SortOrder::newest ? "newest" : "oldest");
  if (q.user_id) append_part(out, "user", *q.user_id);
  if (!q.tags.empty()) {
    append_part(out, "match", q.tags_match == TagsMatch::all ? "all" : "any");
    auto sorted = q.tags;
    std::sort(sorted.begin(), sorted.end());
    for (const auto& tag : sorted) append_part(out, "tag", tag);
  }
  if (q.content_type) append_part(out, "type", media_type_name(*q.content_type));
  if (q.start_date) append_part(out, "start", ms_text(*q.start_date));
  if (q.end_date) append_part(out, "end", ms_text(*q.end_date));
  if (q.min_size) append_part(out, "min", std::to_string(*q.min_size));
  if (q.max_size) append_part(out, "max", std::to_string(*q.max_size));
  if (q.words) append_part(out, "q", *q.words);
  if (q.similar_to) append_part(out, "similar", q.similar_to->image_id.bytes());
  return out;
}

}  // namespace tintype

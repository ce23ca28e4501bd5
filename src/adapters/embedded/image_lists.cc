#include "adapters/embedded/image_lists.h"

#include <algorithm>
#include <limits>

#include "adapters/embedded/hash_index.h"
#include "adapters/embedded/image_rows.h"
#include "adapters/embedded/image_writer.h"
#include "adapters/embedded/search_index.h"
#include "domain/hash_distance.h"

namespace tintype {
namespace {

// A position as the two bounds of a walk: strictly after (edge_time, edge_id) in the walk's
// direction, and up to and including end_time. An empty id sorts before every real one.
#define NEWEST_BOUNDS                                                  \
  "(upload_timestamp, image_id) < (?3,?4) AND upload_timestamp >= ?5 " \
  "ORDER BY upload_timestamp DESC, image_id DESC"
#define OLDEST_BOUNDS                                                  \
  "(upload_timestamp, image_id) > (?3,?4) AND upload_timestamp <= ?5 " \
  "ORDER BY upload_timestamp, image_id"
#define SELECT_IMAGES "SELECT " TINTYPE_IMAGE_COLUMNS " FROM images "
#define OF_USER SELECT_IMAGES "WHERE user_id=?1 AND status=?2 AND "
#define OF_ALL SELECT_IMAGES "INDEXED BY images_by_status WHERE ?1 IS NULL AND status=?2 AND "
#define TAGS_OF_USER \
  "SELECT upload_timestamp, image_id, user_id FROM image_tags WHERE user_id=?1 AND tag=?2 AND "
#define TAGS_OF_ALL                                             \
  "SELECT upload_timestamp, image_id, user_id FROM image_tags " \
  "INDEXED BY image_tags_of_all WHERE ?1 IS NULL AND tag=?2 AND "

#define HASHES_OF_LIST                                                                   \
  "SELECT upload_timestamp, image_id, user_id, hash FROM image_hashes WHERE ?1 IS NULL " \
  "AND list=?2 AND "

// What a walk must know of a row before it asks the cache for the record.
#define SELECT_KEYS "SELECT user_id, upload_timestamp, image_id, content_type, size FROM images "
#define KEYS_OF_USER SELECT_KEYS "WHERE user_id=?1 AND status=?2 AND "
#define KEYS_OF_ALL SELECT_KEYS "INDEXED BY images_by_status WHERE ?1 IS NULL AND status=?2 AND "

constexpr char kUserKeysNewest[] = KEYS_OF_USER NEWEST_BOUNDS;
constexpr char kUserKeysOldest[] = KEYS_OF_USER OLDEST_BOUNDS;
constexpr char kAllKeysNewest[] = KEYS_OF_ALL NEWEST_BOUNDS;
constexpr char kAllKeysOldest[] = KEYS_OF_ALL OLDEST_BOUNDS;
constexpr char kUserNewest[] = OF_USER NEWEST_BOUNDS;
constexpr char kUserOldest[] = OF_USER OLDEST_BOUNDS;
constexpr char kAllNewest[] = OF_ALL NEWEST_BOUNDS;
constexpr char kAllOldest[] = OF_ALL OLDEST_BOUNDS;
constexpr char kUserTagNewest[] = TAGS_OF_USER NEWEST_BOUNDS " LIMIT ?6";
constexpr char kUserTagOldest[] = TAGS_OF_USER OLDEST_BOUNDS " LIMIT ?6";
constexpr char kAllTagNewest[] = TAGS_OF_ALL NEWEST_BOUNDS " LIMIT ?6";
constexpr char kAllTagOldest[] = TAGS_OF_ALL OLDEST_BOUNDS " LIMIT ?6";
constexpr char kHashesNewest[] = HASHES_OF_LIST NEWEST_BOUNDS " LIMIT ?6";
constexpr char kHashesOldest[] = HASHES_OF_LIST OLDEST_BOUNDS " LIMIT ?6";
constexpr char kByKey[] =
    SELECT_IMAGES "WHERE user_id=?1 AND status=?2 AND upload_timestamp=?3 AND image_id=?4";
constexpr char kByDoc[] = SELECT_IMAGES "WHERE doc=?1 AND doc IS NOT NULL";
constexpr char kWordsNewest[] =
    "SELECT rowid FROM image_words WHERE image_words MATCH ?1 AND rowid BETWEEN ?2 AND ?3 "
    "ORDER BY rowid DESC";
constexpr char kWordsOldest[] =
    "SELECT rowid FROM image_words WHERE image_words MATCH ?1 AND rowid BETWEEN ?2 AND ?3 "
    "ORDER BY rowid";
constexpr char kTagCount[] = "SELECT images FROM tag_counts WHERE user_id=?1 AND tag=?2";

// Up to here the list of a user's own hashes is shorter than the lists of all users near a hash.
constexpr std::uint64_t kMaxOwnHashes = 20'000;
// Hashes read of one list at a time: more would be wasted when the page is full before.
constexpr std::size_t kMaxHashShare = 512;

constexpr std::int64_t kMinTime = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMaxTime = std::numeric_limits<std::int64_t>::max();

std::int64_t ms(Timestamp t) { return t.time_since_epoch().count(); }

// One walk along a list: collects what matches, within the limit and the budget.
class Walk {
 public:
  Walk(SqliteConnection& connection, RecordCache& cache, const RecordCache::Tickets& tickets,
       const ImageQuery& query, std::size_t budget)
      : connection_(connection),
        cache_(cache),
        tickets_(tickets),
        query_(query),
        budget_(budget),
        start_(query.after) {}

  Result<SharedImagePage> run();

 private:
  enum class Next : std::uint8_t { go_on, stop };
  struct Bounds {
    std::int64_t edge_time = 0;
    std::string_view edge_id;
    std::int64_t end_time = 0;
  };

  bool newest() const { return query_.sort == SortOrder::newest; }
  bool comes_before(const ListPosition& a, const ListPosition& b) const {
    return newest() ? b < a : a < b;
  }
  Bounds bounds() const;
  void bind_bounds(SqliteQuery& q) const;
  void bind_user(SqliteQuery& q) const;

  Result<Next> walk_keys();
  Result<void> walk_rows();
  Result<void> walk_tags();
  Result<void> walk_words();
  Result<std::vector<std::string>> driving_tags();
  Result<std::uint64_t> tag_count(const std::string& tag);
  struct Hit {
    ListPosition position;
    std::string user_id;
  };
  Result<std::vector<Hit>> tag_hits(const std::string& tag, std::size_t limit);
  Result<Next> walk_merged(const std::vector<std::string>& tags);
  // Lists in order of time, read side by side: what they hold, known without gaps until there.
  struct Merged {
    std::vector<Hit> hits;
    std::optional<ListPosition> known_until;  // nothing: to the end
    std::size_t rows = 0;                     // that were read
  };
  void ends_at(Merged& merged, const ListPosition& last) const;
  Result<Next> visit_merged(Merged& merged);
  using HashList = std::optional<std::int64_t>;  // nothing: the user's own
  Result<void> walk_similar();
  Result<std::vector<HashList>> similar_lists();
  Result<void> read_hashes(const HashList& list, std::size_t share, Merged& merged);
  Result<Next> walk_hashes(const std::vector<HashList>& lists);
  Result<Next> visit_hit(const Hit& hit);
  Result<Next> visit_docs(std::vector<std::int64_t>& docs);
  bool is_wanted(const SqliteQuery& row, int content_type_column, int size_column) const;
  Next visit(const SqliteQuery& row);
  RecordCache::Record keep(ImageMetadata image);
  Next take(RecordCache::Record image);
  Next end_of_budget();

  SqliteConnection& connection_;
  RecordCache& cache_;
  const RecordCache::Tickets& tickets_;
  const ImageQuery& query_;
  std::size_t budget_;
  std::optional<ListPosition> start_;     // where the walk, or this stretch of it, begins
  std::optional<ListPosition> position_;  // the last one that was examined
  SharedImagePage page_;
};

Walk::Bounds Walk::bounds() const {
  const std::int64_t start = query_.start_date ? ms(*query_.start_date) : kMinTime;
  const std::int64_t end = query_.end_date ? ms(*query_.end_date) : kMaxTime;
  Bounds b;
  b.end_time = newest() ? start : end;
  b.edge_time = newest() ? (end == kMaxTime ? end : end + 1) : start;
  if (!start_) return b;
  const std::int64_t at = ms(start_->upload_timestamp);
  // The position counts only where it lies further along than the date does.
  if (newest() ? at < b.edge_time : at >= b.edge_time) {
    b.edge_time = at;
    b.edge_id = start_->image_id.bytes();
  }
  return b;
}

void Walk::bind_bounds(SqliteQuery& q) const {
  const Bounds b = bounds();
  q.bind(3, b.edge_time);
  q.bind_blob(4, b.edge_id);
  q.bind(5, b.end_time);
}

void Walk::bind_user(SqliteQuery& q) const { q.bind_text(1, query_.user_id); }

Result<SharedImagePage> Walk::run() {
  const bool by_tag = !query_.tags.empty() && query_.status == ImageStatus::active;
  const bool by_hash = query_.similar_to && query_.status == ImageStatus::active;
  if (query_.words) TRY(walk_words());
  else if (by_hash) TRY(walk_similar());
  else if (by_tag) TRY(walk_tags());
  else if (TRY(walk_keys()) == Next::go_on) TRY(walk_rows());
  return std::move(page_);
}

// Keeps a match, or ends the page when it is the first beyond the limit.
Walk::Next Walk::take(RecordCache::Record image) {
  if (!matches(query_, *image)) return end_of_budget();
  if (page_.images.size() == query_.limit) {
    page_.next = position_of(*page_.images.back());
    return Next::stop;
  }
  page_.images.push_back(std::move(image));
  return end_of_budget();
}

// Counts one examined row, whose position is `position_`.
Walk::Next Walk::end_of_budget() {
  if (--budget_ > 0) return Next::go_on;
  page_.next = position_;
  return Next::stop;
}

bool Walk::is_wanted(const SqliteQuery& row, int content_type_column, int size_column) const {
  return (!query_.content_type ||
          row.integer(content_type_column) == static_cast<std::int64_t>(*query_.content_type)) &&
         (!query_.min_size ||
          static_cast<std::uint64_t>(row.integer(size_column)) >= *query_.min_size) &&
         (!query_.max_size ||
          static_cast<std::uint64_t>(row.integer(size_column)) <= *query_.max_size);
}

// A record that was read, shared with the cache.
RecordCache::Record Walk::keep(ImageMetadata image) {
  auto record = std::make_shared<const ImageMetadata>(std::move(image));
  cache_.fill(record, tickets_);
  return record;
}

Walk::Next Walk::visit(const SqliteQuery& row) {
  const auto id = ImageId::from_bytes(row.blob(3));
  position_ = ListPosition{row.time(2), id.ok() ? *id : ImageId()};
  if (!is_wanted(row, kContentTypeColumn, kSizeColumn)) return end_of_budget();
  return take(keep(read_image(row)));
}

// Walks the keys alone as long as the cache has the records: reading a row costs several times as
// much. `go_on` leaves the rest, from `start_`, to walk_rows. A record from the cache may be newer
// than this transaction; `take` holds it against the query again.
Result<Walk::Next> Walk::walk_keys() {
  const char* sql = query_.user_id ? (newest() ? kUserKeysNewest : kUserKeysOldest)
                                   : (newest() ? kAllKeysNewest : kAllKeysOldest);
  auto q = TRY(connection_.query(sql));
  bind_user(q);
  q.bind(2, static_cast<std::int64_t>(query_.status));
  bind_bounds(q);
  while (TRY(q.step())) {
    const ListPosition at{q.time(1), TRY(ImageId::from_bytes(q.blob(2)))};
    Next next = Next::go_on;
    if (!is_wanted(q, 3, 4)) {
      position_ = at;
      next = end_of_budget();
    } else {
      auto record = cache_.find(at.image_id);
      if (!record) return Next::go_on;
      position_ = at;
      next = take(std::move(record));
    }
    start_ = at;
    if (next == Next::stop) return Next::stop;
  }
  return Next::stop;
}

Result<void> Walk::walk_rows() {
  const char* sql = query_.user_id ? (newest() ? kUserNewest : kUserOldest)
                                   : (newest() ? kAllNewest : kAllOldest);
  auto q = TRY(connection_.query(sql));
  bind_user(q);
  q.bind(2, static_cast<std::int64_t>(query_.status));
  bind_bounds(q);
  while (TRY(q.step()))
    if (visit(q) == Next::stop) break;
  return {};
}

Result<std::uint64_t> Walk::tag_count(const std::string& tag) {
  auto q = TRY(connection_.query(kTagCount));
  q.bind_text(1, query_.user_id ? std::string_view(*query_.user_id) : std::string_view());
  q.bind_text(2, std::string_view(tag));
  if (!TRY(q.step())) return std::uint64_t{0};
  return static_cast<std::uint64_t>(q.integer(0));
}

// For `any`, all tags; for `all`, the one that fewest images have. Empty when nothing can match.
Result<std::vector<std::string>> Walk::driving_tags() {
  if (query_.tags.size() == 1 || query_.tags_match == TagsMatch::any) return query_.tags;
  std::string rarest;
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& tag : query_.tags) {
    const std::uint64_t count = TRY(tag_count(tag));
    if (count == 0) return std::vector<std::string>();
    if (count < fewest) {
      fewest = count;
      rarest = tag;
    }
  }
  return std::vector<std::string>{rarest};
}

Result<void> Walk::walk_tags() {
  const auto tags = TRY(driving_tags());
  if (tags.empty()) return {};
  while (TRY(walk_merged(tags)) == Next::go_on) {
  }
  return {};
}

Result<std::vector<Walk::Hit>> Walk::tag_hits(const std::string& tag, std::size_t limit) {
  const char* sql = query_.user_id ? (newest() ? kUserTagNewest : kUserTagOldest)
                                   : (newest() ? kAllTagNewest : kAllTagOldest);
  auto q = TRY(connection_.query(sql));
  bind_user(q);
  q.bind_text(2, std::string_view(tag));
  bind_bounds(q);
  q.bind(6, static_cast<std::int64_t>(limit));
  std::vector<Hit> hits;
  while (TRY(q.step())) {
    const auto id = TRY(ImageId::from_bytes(q.blob(1)));
    hits.push_back({{q.time(0), id}, query_.user_id ? *query_.user_id : std::string(q.text(2))});
  }
  return hits;
}

// Reads as much of each tag's list as a page needs, merges the lists as far as all are known, and
// visits the images. Stops at the end of all lists.
Result<Walk::Next> Walk::walk_merged(const std::vector<std::string>& tags) {
  const std::size_t share = query_.limit + 1;
  Merged merged;
  for (const auto& tag : tags) {
    auto hits = TRY(tag_hits(tag, share));
    if (hits.size() == share) ends_at(merged, hits.back().position);
    std::move(hits.begin(), hits.end(), std::back_inserter(merged.hits));
  }
  return visit_merged(merged);
}

// One list is not known beyond `last`.
void Walk::ends_at(Merged& merged, const ListPosition& last) const {
  if (!merged.known_until || comes_before(last, *merged.known_until)) merged.known_until = last;
}

Result<Walk::Next> Walk::visit_merged(Merged& merged) {
  std::sort(merged.hits.begin(), merged.hits.end(),
            [this](const Hit& a, const Hit& b) { return comes_before(a.position, b.position); });
  std::optional<ListPosition> last;
  for (const auto& hit : merged.hits) {
    if (last == hit.position) continue;
    if (merged.known_until && comes_before(*merged.known_until, hit.position)) break;
    last = hit.position;
    if (TRY(visit_hit(hit)) == Next::stop) return Next::stop;
  }
  start_ = merged.known_until;
  return merged.known_until ? Next::go_on : Next::stop;
}

Result<void> Walk::walk_similar() {
  if (!query_.similar_to->hash) return {};
  const auto lists = TRY(similar_lists());
  while (TRY(walk_hashes(lists)) == Next::go_on) {
  }
  return {};
}

Result<std::vector<Walk::HashList>> Walk::similar_lists() {
  if (query_.user_id && TRY(read_usage(connection_, *query_.user_id)).images <= kMaxOwnHashes)
    return std::vector<HashList>{HashList()};
  const auto near = lists_near(*query_.similar_to->hash);
  return std::vector<HashList>(near.begin(), near.end());
}

// Adds the similar images among the next `share` of a list.
Result<void> Walk::read_hashes(const HashList& list, std::size_t share, Merged& merged) {
  auto q = TRY(connection_.query(newest() ? kHashesNewest : kHashesOldest));
  q.bind_null(1);
  if (list) q.bind(2, *list);
  else q.bind_text(2, query_.user_id);
  bind_bounds(q);
  q.bind(6, static_cast<std::int64_t>(share));
  for (std::size_t rows = 1; TRY(q.step()); ++rows) {
    ++merged.rows;
    const bool is_last = rows == share;
    const bool similar = hash_distance(static_cast<std::uint64_t>(q.integer(3)),
                                       *query_.similar_to->hash) <= kSimilarDistance;
    const bool of_user = !list || !query_.user_id || q.text(2) == *query_.user_id;
    const bool is_hit = similar && of_user;
    if (!is_hit && !is_last) continue;
    const ListPosition at{q.time(0), TRY(ImageId::from_bytes(q.blob(1)))};
    if (is_hit) merged.hits.push_back({at, list ? std::string(q.text(2)) : *query_.user_id});
    if (is_last) ends_at(merged, at);
  }
  return {};
}

// Reads a share of each list and visits what is similar in it.
Result<Walk::Next> Walk::walk_hashes(const std::vector<HashList>& lists) {
  const std::size_t share = std::clamp<std::size_t>(budget_ / lists.size(), 1, kMaxHashShare);
  Merged merged;
  for (const auto& list : lists) TRY(read_hashes(list, share, merged));
  if (TRY(visit_merged(merged)) == Next::stop) return Next::stop;
  if (merged.rows >= budget_) {
    page_.next = merged.known_until;
    return Next::stop;
  }
  budget_ -= merged.rows;
  return Next::go_on;
}

Result<Walk::Next> Walk::visit_hit(const Hit& hit) {
  position_ = hit.position;
  if (auto record = cache_.find(hit.position.image_id)) return take(std::move(record));
  auto q = TRY(connection_.query(kByKey));
  q.bind_text(1, std::string_view(hit.user_id));
  q.bind(2, static_cast<std::int64_t>(ImageStatus::active));
  q.bind(3, hit.position.upload_timestamp);
  q.bind_blob(4, hit.position.image_id.bytes());
  if (TRY(q.step())) return visit(q);
  return internal_error("metadata store: an index refers to an image that is not there");
}

// Documents are in order of time; those of one millisecond are gathered and put in order of id.
Result<void> Walk::walk_words() {
  const std::string match = match_text(*query_.words, query_.user_id);
  if (match.empty()) return {};
  std::int64_t from = query_.start_date ? ms(*query_.start_date) : kMinTime;
  std::int64_t to = query_.end_date ? ms(*query_.end_date) : kMaxTime;
  if (start_ && newest()) to = std::min(to, ms(start_->upload_timestamp));
  if (start_ && !newest()) from = std::max(from, ms(start_->upload_timestamp));
  const auto [first, last] = doc_range(from, to);
  auto q = TRY(connection_.query(newest() ? kWordsNewest : kWordsOldest));
  q.bind_text(1, std::string_view(match));
  q.bind(2, first);
  q.bind(3, last);
  std::vector<std::int64_t> docs;
  while (TRY(q.step())) {
    const std::int64_t doc = q.integer(0);
    if (!docs.empty() && doc_time(docs.back()) != doc_time(doc))
      if (TRY(visit_docs(docs)) == Next::stop) return {};
    docs.push_back(doc);
  }
  TRY(visit_docs(docs));
  return {};
}

// Visits the images of one millisecond, and empties the list.
Result<Walk::Next> Walk::visit_docs(std::vector<std::int64_t>& docs) {
  std::vector<RecordCache::Record> images;
  for (const std::int64_t doc : docs) {
    auto q = TRY(connection_.query(kByDoc));
    q.bind(1, doc);
    if (TRY(q.step())) images.push_back(keep(read_image(q)));
  }
  docs.clear();
  std::sort(images.begin(), images.end(), [this](const auto& a, const auto& b) {
    return comes_before(position_of(*a), position_of(*b));
  });
  for (auto& image : images) {
    const ListPosition at = position_of(*image);
    if (query_.after && !comes_before(*query_.after, at)) continue;
    position_ = at;
    if (take(std::move(image)) == Next::stop) return Next::stop;
  }
  return Next::go_on;
}

}  // namespace

Result<SharedImagePage> list_images(SqliteConnection& connection, RecordCache& cache,
                                    const RecordCache::Tickets& tickets, const ImageQuery& query,
                                    std::size_t budget) {
  return Walk(connection, cache, tickets, query, budget).run();
}

std::vector<const char*> list_statements() {
  return {kUserKeysNewest, kUserKeysOldest, kAllKeysNewest, kAllKeysOldest, kUserNewest,
          kUserOldest,     kAllNewest,      kAllOldest,     kUserTagNewest, kUserTagOldest,
          kAllTagNewest,   kAllTagOldest,   kHashesNewest,  kHashesOldest};
}

}  // namespace tintype

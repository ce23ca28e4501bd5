// MetadataStore: the records of images, and the ledger beside them.
//
// Threading: every method may be called from any thread at once. Methods block: writes until they
// are durable, reads for as long as the store takes.
// Atomicity: each method is one atomic step. A write that changes a record changes with it what
// follows from the record: its tag rows, its place in lists and in the search index, the user's
// usage (domain/usage_of), and its due time (domain/due_at). A reader sees all of that or nothing.
// Durability: when a write has returned success, it survives kill -9 and power loss.
// Errors: `not_found` no such record; `conflict` with code `already_exists`; `stale` the revision
// is another; `unprocessable` with code `quota_exceeded` or `search_unsupported`; `storage_full`;
// `unavailable` try again later; `internal` the store is broken. A failed write changed nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/image_metadata.h"
#include "domain/image_query.h"

namespace tintype {

struct ImagePage {
  std::vector<ImageMetadata> images;
  // Where the next page begins; nothing on the last page. A store may return fewer images than the
  // limit together with a position, when finding more would read too much at once.
  std::optional<ListPosition> next;
};

// The same with records that the store may keep sharing: cheap to hand out, never changed.
struct SharedImagePage {
  std::vector<std::shared_ptr<const ImageMetadata>> images;
  std::optional<ListPosition> next;
};

struct TagCount {
  std::string tag;
  std::uint64_t count = 0;
  bool operator==(const TagCount&) const = default;
};

struct TagQuery {
  std::optional<std::string> user_id;  // nothing: all users together
  std::string prefix;
  std::size_t limit = 50;
};

// 0 is no limit.
struct Quota {
  std::uint64_t max_images = 0;
  std::uint64_t max_bytes = 0;
};

// The outcome of a request with an Idempotency-Key, as it was answered.
struct StoredAnswer {
  int status = 0;
  std::string headers;  // serialised by the handlers; opaque here
  std::string body;
  bool operator==(const StoredAnswer&) const = default;
};

// What begin_idempotent found under a key.
struct IdempotencyState {
  enum class Kind : std::uint8_t {
    fresh,        // the key was free and is now held for this request until `held_until`
    replay,       // answered before: `answer`
    mismatch,     // the key belongs to a request with another fingerprint
    in_progress,  // another request holds it
  };
  Kind kind = Kind::fresh;
  StoredAnswer answer;
  // Of a fresh key: the seed of the try before, if that had this fingerprint and ended without an
  // answer (by a crash, or abandoned), so that all tries in a row have the first one's; else the
  // given one.
  std::string seed;
};

struct IdempotencyRequest {
  std::string key;          // unique per caller and route
  std::string fingerprint;  // of the request's content
  Timestamp now;
  Timestamp held_until;  // when an unfinished hold is given up
  Timestamp expires_at;  // when the key is forgotten
  std::string seed;      // what the request makes new names from; any bytes, at most 64
  std::string holder;    // names this try; random, any bytes, at most 64
};

// Whether a completer got hold of an upload, and the record as it is now.
struct LeaseAttempt {
  bool taken = false;
  ImageMetadata image;
};

class MetadataStore {
 public:
  virtual ~MetadataStore() = default;

  // Adds a record (revision as given, normally 1) if its id is new and the user's usage with it
  // stays within the quota.
  virtual Result<void> insert(const ImageMetadata& image, const Quota& quota) = 0;

  // Strongly consistent: sees every write that returned before the call.
  virtual Result<ImageMetadata> get(const ImageId& id) = 0;

  // Replaces the record whose revision is `image.revision` and returns it with the revision one
  // higher. image_id, user_id and upload_timestamp must be the stored ones (`invalid` otherwise).
  virtual Result<ImageMetadata> update(const ImageMetadata& image) = 0;

  // Sets `lease_until` of a processing record on which no lease is in force at `now`, as an update.
  // Not taken: the record is something else, or leased.
  virtual Result<LeaseAttempt> take_lease(const ImageId& id, Timestamp now, Timestamp until);

  // Removes the record if it still has this revision.
  virtual Result<void> remove(const ImageId& id, std::int64_t revision) = 0;

  // Images that match, in the query's order, after its position. Every image that matches during
  // the whole walk from first page to last appears exactly once.
  virtual Result<ImagePage> query(const ImageQuery& query) = 0;

  // The same answer as `query`. A store that keeps records in memory overrides it to save the
  // copies.
  virtual Result<SharedImagePage> query_shared(const ImageQuery& query);

  // Tags of active images with their counts: most frequent first, equal counts by tag.
  virtual Result<std::vector<TagCount>> tag_counts(const TagQuery& query) = 0;

  virtual Result<Usage> usage(std::string_view user_id) = 0;

  // An active image of the user with this content, the oldest if there are several.
  virtual Result<std::optional<ImageMetadata>> find_by_sha256(std::string_view user_id,
                                                              std::string_view sha256_hex) = 0;

  // Up to `limit` records whose due_at is at or before `now`, longest due first.
  virtual Result<std::vector<ImageMetadata>> due(Timestamp now, std::size_t limit) = 0;

  // All records in order of id, `limit` at a time, after `after` (nothing: from the start).
  virtual Result<std::vector<ImageMetadata>> scan(const std::optional<ImageId>& after,
                                                  std::size_t limit) = 0;

  // Idempotency keys. `begin` holds a free (or expired, or given-up) key; `finish` stores the
  // answer under it; `abandon` gives the hold up at once, and the seed stays for the next try: a
  // request may have failed after its effect. Both change nothing unless `holder` still holds the
  // key: a request that was too slow must not end the hold of the one that took its key over. All
  // are idempotent.
  virtual Result<IdempotencyState> begin_idempotent(const IdempotencyRequest& request) = 0;
  virtual Result<void> finish_idempotent(std::string_view key, std::string_view holder,
                                         const StoredAnswer& answer) = 0;
  virtual Result<void> abandon_idempotent(std::string_view key, std::string_view holder) = 0;
  // Forgets keys that expired at or before `now`; returns how many.
  virtual Result<std::size_t> forget_idempotent(Timestamp now) = 0;

  // True when `query` can answer ImageQuery::words.
  virtual bool supports_search() const = 0;

  // Succeeds when the store can serve reads and writes now; cheap enough for a probe each second.
  virtual Result<void> check() = 0;
};

}  // namespace tintype

// ObjectStore: bytes under keys, in one bucket.
//
// Keys are 1-1024 bytes of printable ASCII without `..` components, e.g. `originals/u1/<id>/a.jpg`.
// Threading: every method may be called from any thread; one ObjectWriter by one thread at a time.
// Atomicity: an object appears whole or not at all; a put or copy onto an existing key replaces it
// in one step, and who has it open keeps reading the old bytes.
// Durability: when `commit`, `copy`, `remove` or `remove_prefix` has returned success it survives
// kill -9 and power loss. Read after write is strongly consistent.
// Errors: `not_found`; `invalid` for a bad key or with code `incomplete_body` (fewer bytes than
// announced), `entity_too_large` (more), `bad_digest` (another SHA-256); `storage_full`;
// `unavailable`; `internal`. A failed put leaves the key as it was and no bytes behind.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace tintype {

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  // without quotes; equal bytes may have different ETags, never the reverse
  Timestamp modified;
};

struct PutSpec {
  std::string key;
  std::optional<std::uint64_t> size;      // exact, when known beforehand
  std::optional<std::uint64_t> max_size;  // hard cap when `size` is not known
  std::optional<std::string> sha256;      // 32 raw bytes that the content must hash to
};

// What was written. `sha256` is 32 raw bytes.
struct PutResult {
  ObjectInfo info;
  std::string sha256;
};

// Receives the bytes of one object. Destroyed without `commit`, it leaves nothing behind.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  // Refuses (`entity_too_large`) before storing more than was announced.
  virtual Result<void> write(std::string_view bytes) = 0;
  // Checks size and hash, makes the object durable, then visible. At most once.
  virtual Result<PutResult> commit() = 0;
  // Like `commit`, for those who need not know what was written: on S3 one request instead of two.
  virtual Result<void> seal() {
    auto written = commit();
    if (!written.ok()) return std::move(written).error();
    return {};
  }
};

// First and last byte, both included, as in HTTP.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// An object opened for reading: `length` bytes from `offset` of `fd` (read with pread or sendfile;
// the descriptor's own position means nothing). It stays readable when the object is replaced or
// removed.
struct OpenObject {
  ObjectInfo info;
  UniqueFd fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// One page of a listing. The order is the store's own; `next` continues it, empty at the end.
struct ObjectPage {
  std::vector<ObjectInfo> objects;
  std::string next;
};

struct PresignPut {
  std::string key;
  std::string content_type;
  std::uint64_t size = 0;
  std::optional<std::string> sha256;  // 32 raw bytes
  Timestamp now;
  seconds expires_in{900};
};

struct PresignPost {
  std::string key;
  std::string content_type;
  std::uint64_t min_size = 1;
  std::uint64_t max_size = 0;
  Timestamp now;
  seconds expires_in{900};
};

struct PresignGet {
  std::string key;
  std::string content_type;  // what the answer's Content-Type shall be; empty: the stored one
  std::string content_disposition;  // what the answer's Content-Disposition shall be; may be empty
  Timestamp now;
  seconds expires_in{900};  // at most 7 days
};

struct PresignedUrl {
  std::string url;
  // What the client must send with the request, beyond what a browser sets by itself.
  std::vector<std::pair<std::string, std::string>> headers;
  // When it stops working: as asked for, or earlier, since no URL outlives the keys that sign it.
  Timestamp expires_at;
};

struct PresignedPost {
  std::string url;
  // Form fields in the order to send them; the `file` field comes after them.
  std::vector<std::pair<std::string, std::string>> fields;
  Timestamp expires_at;  // as in PresignedUrl
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual const std::string& bucket() const = 0;

  virtual Result<std::unique_ptr<ObjectWriter>> put(const PutSpec& spec) = 0;
  // `range` beyond the end is `invalid` with code `invalid_range`.
  virtual Result<OpenObject> open(std::string_view key, std::optional<ByteRange> range = {}) = 0;
  virtual Result<ObjectInfo> head(std::string_view key) = 0;
  // With `if_etag`, only that very content is copied; other content is `stale`.
  virtual Result<ObjectInfo> copy(std::string_view from, std::string_view to,
                                  std::string_view if_etag = {}) = 0;
  // Like `copy`, for those who need not know what was copied: on S3 one request instead of two.
  virtual Result<void> duplicate(std::string_view from, std::string_view to,
                                 std::string_view if_etag = {}) {
    auto copied = copy(from, to, if_etag);
    if (!copied.ok()) return std::move(copied).error();
    return {};
  }
  // Succeeds when there is no such object.
  virtual Result<void> remove(std::string_view key) = 0;
  // Like `remove`, but after a power loss the object may be there again, unless a later `remove`
  // has succeeded (also one that found nothing). For objects that whoever finds them again would
  // remove.
  virtual Result<void> discard(std::string_view key) { return remove(key); }
  // Removes every object directly below `prefix`: keys that are the prefix and a name without a
  // further `/`. The prefix must end with `/`. Returns how many.
  virtual Result<std::size_t> remove_prefix(std::string_view prefix) = 0;
  // Objects whose key starts with `prefix`, also in the middle of a name. It may read through the
  // whole store.
  virtual Result<ObjectPage> list(std::string_view prefix, std::string_view continuation,
                                  std::size_t limit) = 0;

  virtual Result<PresignedUrl> presign_put(const PresignPut& request) = 0;
  virtual Result<PresignedUrl> presign_get(const PresignGet& request) = 0;
  // Errors: `unprocessable` with code `upload_method_unsupported` where the store has no POST
  // policies.
  virtual Result<PresignedPost> presign_post(const PresignPost& request) = 0;

  // Succeeds when the store can serve reads and writes now; cheap enough for a probe each second.
  virtual Result<void> check() = 0;
};

}  // namespace tintype

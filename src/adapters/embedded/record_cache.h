// RecordCache: recently read image records in memory, never older than the database.
//
// Only the committing writer changes what the cache may hold: `begin_change` before COMMIT drops
// the records that are about to change and keeps readers from filling them in again; `end_change`
// after it puts the new ones in. So a reader gets from the cache what the database would give it,
// and never an old record after a new one was visible. Threading: every method may be called from
// any thread.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "domain/image_metadata.h"

namespace tintype {

class RecordCache {
 public:
  using Record = std::shared_ptr<const ImageMetadata>;
  // What a reader must show to fill in what it has read.
  struct Ticket {
    std::uint64_t generation = 0;
    bool valid = false;
  };

  static constexpr std::size_t kShards = 16;
  // Permits to fill in whatever is read after they were taken.
  using Tickets = std::array<Ticket, kShards>;

  // Holds about `max_bytes` of records; 0 turns it off.
  explicit RecordCache(std::size_t max_bytes) : max_bytes_(max_bytes / kShards) {}

  // The record, or null and in `ticket` the permit to fill it in; taken before reading.
  Record find(const ImageId& id, Ticket& ticket);
  Record find(const ImageId& id);
  Tickets take_tickets();
  // Does nothing when the record may have changed since the ticket was given.
  void fill(const Record& record, const Ticket& ticket);
  void fill(const Record& record, const Tickets& tickets);

  void begin_change(const ImageId& id);
  // `record` is null when the image was removed or its change was not committed.
  void end_change(const ImageId& id, Record record);

 private:
  struct Entry {
    Record record;
    std::size_t bytes = 0;
    std::list<ImageId>::iterator age;
  };
  struct Shard {
    std::mutex mutex;
    std::uint64_t generation = 0;
    int changing = 0;  // changes begun and not ended
    std::size_t bytes = 0;
    std::list<ImageId> ages;  // most recently used first
    std::unordered_map<ImageId, Entry> entries;
  };

  static std::size_t shard_index(const ImageId& id);
  Shard& shard_of(const ImageId& id) { return shards_[shard_index(id)]; }
  void put(Shard& shard, Record record);
  static void erase(Shard& shard, const ImageId& id);

  const std::size_t max_bytes_;  // per shard
  std::array<Shard, kShards> shards_;
};

}  // namespace tintype

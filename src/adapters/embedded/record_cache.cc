#include "adapters/embedded/record_cache.h"

namespace tintype {
namespace {

// About what a record takes in memory: its text, and a fixed share for the struct and list nodes.
std::size_t weight(const ImageMetadata& image) {
  std::size_t bytes = sizeof(ImageMetadata) + 256 + image.metadata_json.size() +
                      image.filename.size() + image.s3_key.size() + image.tags.size() * 48 +
                      image.variants.size() * sizeof(Variant);
  if (image.description) bytes += image.description->size();
  if (image.facts) bytes += image.facts->exif_json.size() + image.facts->location_json.size();
  return bytes;
}

}  // namespace

std::size_t RecordCache::shard_index(const ImageId& id) {
  return static_cast<unsigned char>(id.bytes()[15]) % kShards;
}

RecordCache::Record RecordCache::find(const ImageId& id) {
  Ticket unused;
  return find(id, unused);
}

RecordCache::Tickets RecordCache::take_tickets() {
  Tickets tickets;
  for (std::size_t i = 0; i < kShards; ++i) {
    std::lock_guard lock(shards_[i].mutex);
    tickets[i] = {shards_[i].generation, shards_[i].changing == 0};
  }
  return tickets;
}

RecordCache::Record RecordCache::find(const ImageId& id, Ticket& ticket) {
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  if (const auto it = shard.entries.find(id); it != shard.entries.end()) {
    shard.ages.splice(shard.ages.begin(), shard.ages, it->second.age);
    return it->second.record;
  }
  ticket = {shard.generation, shard.changing == 0};
  return nullptr;
}

void RecordCache::fill(const Record& record, const Ticket& ticket) {
  if (max_bytes_ == 0 || !ticket.valid) return;
  Shard& shard = shard_of(record->image_id);
  std::lock_guard lock(shard.mutex);
  if (shard.generation != ticket.generation || shard.changing != 0) return;
  put(shard, record);
}

void RecordCache::fill(const Record& record, const Tickets& tickets) {
  fill(record, tickets[shard_index(record->image_id)]);
}

void RecordCache::begin_change(const ImageId& id) {
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  ++shard.generation;
  ++shard.changing;
  erase(shard, id);
}

void RecordCache::end_change(const ImageId& id, Record record) {
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  ++shard.generation;
  --shard.changing;
  erase(shard, id);
  if (record && max_bytes_ != 0) put(shard, std::move(record));
}

void RecordCache::put(Shard& shard, Record record) {
  const ImageId id = record->image_id;
  const std::size_t bytes = weight(*record);
  erase(shard, id);
  shard.ages.push_front(id);
  shard.entries[id] = {std::move(record), bytes, shard.ages.begin()};
  shard.bytes += bytes;
  while (shard.bytes > max_bytes_ && !shard.ages.empty()) {
    const ImageId oldest = shard.ages.back();
    erase(shard, oldest);
  }
}

void RecordCache::erase(Shard& shard, const ImageId& id) {
  const auto it = shard.entries.find(id);
  if (it == shard.entries.end()) return;
  shard.bytes -= it->second.bytes;
  shard.ages.erase(it->second.age);
  shard.entries.erase(it);
}

}  // namespace tintype

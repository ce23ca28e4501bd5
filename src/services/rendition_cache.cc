#include "services/rendition_cache.h"

namespace tintype {
namespace {

constexpr std::size_t kOverhead = 256;  // bytes of an entry beside its content

}  // namespace

bool RenditionCache::holds(std::size_t size) const {
  return size <= kMaxCachedRendition && size + kOverhead <= max_bytes_;
}

std::shared_ptr<const std::string> RenditionCache::find(std::string_view key) {
  std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->bytes;
}

void RenditionCache::keep(std::string_view key, std::shared_ptr<const std::string> bytes) {
  if (!holds(bytes->size())) return;
  std::lock_guard lock(mutex_);
  if (const auto known = index_.find(key); known != index_.end()) forget(known->second);
  bytes_ += bytes->size() + kOverhead;
  entries_.push_front({std::string(key), std::move(bytes)});
  index_.emplace(entries_.front().key, entries_.begin());
  while (bytes_ > max_bytes_) forget(std::prev(entries_.end()));
}

std::size_t RenditionCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

void RenditionCache::forget(Entries::iterator entry) {
  bytes_ -= entry->bytes->size() + kOverhead;
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace tintype

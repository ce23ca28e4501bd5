#include "services/rendition_counts.h"

namespace tintype {

bool RenditionCounts::take(const ImageId& id, std::int64_t revision, std::uint32_t limit) {
  std::lock_guard lock(mutex_);
  auto [found, is_new] = entries_.try_emplace(id);
  Entry& entry = found->second;
  if (is_new) entry.age = ages_.insert(ages_.begin(), id);
  else ages_.splice(ages_.begin(), ages_, entry.age);
  if (entry.revision != revision) entry.count = 0;
  entry.revision = revision;
  const bool room = entry.count < limit;
  if (room) ++entry.count;
  if (entries_.size() > max_images_) {
    entries_.erase(ages_.back());
    ages_.pop_back();
  }
  return room;
}

void RenditionCounts::give_back(const ImageId& id) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end() && found->second.count > 0) --found->second.count;
}

}  // namespace tintype

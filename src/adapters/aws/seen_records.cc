#include "adapters/aws/seen_records.h"

namespace tintype::dynamodb {

void SeenRecords::keep(const ImageMetadata& image) {
  auto entry = std::make_shared<const ImageMetadata>(image);
  std::lock_guard lock(mutex_);
  const auto known = entries_.find(image.image_id);
  if (known != entries_.end()) {
    if ((*known->second)->revision > image.revision) return;
    order_.erase(known->second);
  }
  order_.push_front(std::move(entry));
  entries_[image.image_id] = order_.begin();
  if (order_.size() <= capacity_) return;
  entries_.erase(order_.back()->image_id);
  order_.pop_back();
}

void SeenRecords::forget(const ImageId& id) {
  std::lock_guard lock(mutex_);
  const auto known = entries_.find(id);
  if (known == entries_.end()) return;
  order_.erase(known->second);
  entries_.erase(known);
}

std::shared_ptr<const ImageMetadata> SeenRecords::find(const ImageId& id, std::int64_t revision) {
  std::lock_guard lock(mutex_);
  const auto known = entries_.find(id);
  if (known == entries_.end() || (*known->second)->revision != revision) return nullptr;
  return *known->second;
}

}  // namespace tintype::dynamodb

#include "adapters/memory/memory_metadata_store.h"

#include <algorithm>

#include "adapters/memory/search_words.h"

namespace tintype {
namespace {

bool exceeds(std::uint64_t value, std::uint64_t limit) { return limit != 0 && value > limit; }

bool before(const ImageQuery& query, const ListPosition& a, const ListPosition& b) {
  return query.sort == SortOrder::newest ? b < a : a < b;
}

bool is_wanted(const ImageQuery& query, const ImageMetadata& image) {
  return matches(query, image) &&
         (!query.after || before(query, *query.after, position_of(image))) &&
         (!query.words || contains_words(image, *query.words));
}

}  // namespace

Result<void> MemoryMetadataStore::insert(const ImageMetadata& image, const Quota& quota) {
  std::lock_guard lock(mutex_);
  if (images_.contains(image.image_id))
    return Error{ErrorKind::conflict, "already_exists", "An image with this id exists.", {}};
  Usage total = usage_locked(image.user_id);
  const Usage added = usage_of(image);
  total.images += added.images;
  total.bytes += added.bytes;
  if (exceeds(total.images, quota.max_images) || exceeds(total.bytes, quota.max_bytes))
    return Error{ErrorKind::unprocessable, "quota_exceeded", "The user's quota is used up.", {}};
  images_.emplace(image.image_id, image);
  return {};
}

Result<ImageMetadata> MemoryMetadataStore::get(const ImageId& id) {
  std::lock_guard lock(mutex_);
  const auto it = images_.find(id);
  if (it == images_.end()) return not_found_error("There is no such image.");
  return it->second;
}

Result<ImageMetadata> MemoryMetadataStore::update(const ImageMetadata& image) {
  std::lock_guard lock(mutex_);
  const auto it = images_.find(image.image_id);
  if (it == images_.end()) return not_found_error("There is no such image.");
  if (it->second.revision != image.revision) return stale_error();
  if (it->second.user_id != image.user_id || it->second.upload_timestamp != image.upload_timestamp)
    return invalid_error("immutable_field", "user_id and upload_timestamp cannot change.");
  it->second = image;
  ++it->second.revision;
  return it->second;
}

Result<void> MemoryMetadataStore::remove(const ImageId& id, std::int64_t revision) {
  std::lock_guard lock(mutex_);
  const auto it = images_.find(id);
  if (it == images_.end()) return not_found_error("There is no such image.");
  if (it->second.revision != revision) return stale_error();
  images_.erase(it);
  return {};
}

Result<ImagePage> MemoryMetadataStore::query(const ImageQuery& query) {
  if (query.words && query.status != ImageStatus::active)
    return Error{ErrorKind::unprocessable,
                 "search_unsupported",
                 "Only active images can be searched by words.",
                 {}};
  std::lock_guard lock(mutex_);
  std::vector<const ImageMetadata*> found;
  for (const auto& [id, image] : images_)
    if (is_wanted(query, image)) found.push_back(&image);
  std::sort(found.begin(), found.end(), [&](const ImageMetadata* a, const ImageMetadata* b) {
    return before(query, position_of(*a), position_of(*b));
  });
  ImagePage page;
  for (std::size_t i = 0; i < found.size() && i < query.limit; ++i)
    page.images.push_back(*found[i]);
  if (found.size() > query.limit) page.next = position_of(page.images.back());
  return page;
}

Result<std::vector<TagCount>> MemoryMetadataStore::tag_counts(const TagQuery& query) {
  std::lock_guard lock(mutex_);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [id, image] : images_) {
    if (!is_indexed(image) || (query.user_id && *query.user_id != image.user_id)) continue;
    for (const auto& tag : image.tags)
      if (tag.starts_with(query.prefix)) ++counts[tag];
  }
  std::vector<TagCount> out;
  for (const auto& [tag, count] : counts) out.push_back({tag, count});
  std::stable_sort(out.begin(), out.end(),
                   [](const TagCount& a, const TagCount& b) { return a.count > b.count; });
  if (out.size() > query.limit) out.resize(query.limit);
  return out;
}

Result<Usage> MemoryMetadataStore::usage(std::string_view user_id) {
  std::lock_guard lock(mutex_);
  return usage_locked(user_id);
}

Usage MemoryMetadataStore::usage_locked(std::string_view user_id) const {
  Usage total;
  for (const auto& [id, image] : images_) {
    if (image.user_id != user_id) continue;
    total.images += usage_of(image).images;
    total.bytes += usage_of(image).bytes;
  }
  return total;
}

Result<std::optional<ImageMetadata>> MemoryMetadataStore::find_by_sha256(
    std::string_view user_id, std::string_view sha256_hex) {
  std::lock_guard lock(mutex_);
  const ImageMetadata* oldest = nullptr;
  for (const auto& [id, image] : images_) {
    if (image.status != ImageStatus::active || image.user_id != user_id ||
        image.sha256 != sha256_hex)
      continue;
    if (oldest == nullptr || position_of(image) < position_of(*oldest)) oldest = &image;
  }
  if (oldest == nullptr) return std::optional<ImageMetadata>();
  return std::optional<ImageMetadata>(*oldest);
}

Result<std::vector<ImageMetadata>> MemoryMetadataStore::due(Timestamp now, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<ImageMetadata> out;
  for (const auto& [id, image] : images_)
    if (const auto at = due_at(image); at && *at <= now) out.push_back(image);
  std::stable_sort(out.begin(), out.end(), [](const ImageMetadata& a, const ImageMetadata& b) {
    return due_at(a) < due_at(b);
  });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<std::vector<ImageMetadata>> MemoryMetadataStore::scan(const std::optional<ImageId>& after,
                                                             std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<ImageMetadata> out;
  auto it = after ? images_.upper_bound(*after) : images_.begin();
  for (; it != images_.end() && out.size() < limit; ++it) out.push_back(it->second);
  return out;
}

Result<IdempotencyState> MemoryMetadataStore::begin_idempotent(const IdempotencyRequest& request) {
  using Kind = IdempotencyState::Kind;
  std::lock_guard lock(mutex_);
  std::string seed = request.seed;
  const auto it = keys_.find(request.key);
  if (it != keys_.end() && it->second.expires_at > request.now) {
    const KeyEntry& entry = it->second;
    const bool given_up = !entry.answer && entry.held_until <= request.now;
    const bool is_same = entry.fingerprint == request.fingerprint;
    if (!given_up) {
      if (!is_same) return IdempotencyState{Kind::mismatch, {}, {}};
      if (!entry.answer) return IdempotencyState{Kind::in_progress, {}, {}};
      return IdempotencyState{Kind::replay, *entry.answer, {}};
    }
    if (is_same) seed = entry.seed;
  }
  keys_[request.key] = {request.fingerprint, seed, request.holder, request.held_until,
                        request.expires_at,  {}};
  return IdempotencyState{Kind::fresh, {}, std::move(seed)};
}

Result<void> MemoryMetadataStore::finish_idempotent(std::string_view key, std::string_view holder,
                                                    const StoredAnswer& answer) {
  std::lock_guard lock(mutex_);
  // The first answer stays: a replay must never change.
  if (const auto it = keys_.find(key); it != keys_.end() && it->second.is_held_by(holder))
    it->second.answer = answer;
  return {};
}

Result<void> MemoryMetadataStore::abandon_idempotent(std::string_view key,
                                                     std::string_view holder) {
  std::lock_guard lock(mutex_);
  if (const auto it = keys_.find(key); it != keys_.end() && it->second.is_held_by(holder))
    it->second.held_until = Timestamp::min();
  return {};
}

Result<std::size_t> MemoryMetadataStore::forget_idempotent(Timestamp now) {
  std::lock_guard lock(mutex_);
  return std::erase_if(keys_, [&](const auto& entry) { return entry.second.expires_at <= now; });
}

}  // namespace tintype

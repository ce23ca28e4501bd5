#include <algorithm>

#include "services/janitor.h"

namespace tintype {
namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kMaxReported = 1000;

enum class ObjectRole : std::uint8_t { incoming, original, rendition };

struct ObjectOwner {
  ObjectRole role;
  ImageId image_id;
};

// Whose object a key is; nothing for keys that are not of Tintype's making, which stay untouched.
std::optional<ObjectOwner> owner_of(std::string_view key) {
  auto after = [&](std::string_view prefix) { return key.substr(prefix.size()); };
  ObjectRole role;
  std::string_view rest;
  if (key.starts_with("incoming/")) {
    role = ObjectRole::incoming;
    rest = after("incoming/");
  } else if (key.starts_with("renditions/")) {
    role = ObjectRole::rendition;
    rest = after("renditions/");
  } else if (key.starts_with("originals/")) {
    role = ObjectRole::original;
    rest = after("originals/");
    auto slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(slash + 1);
  } else {
    return std::nullopt;
  }
  auto id = ImageId::parse(rest.substr(0, rest.find('/')));
  if (!id.ok()) return std::nullopt;
  return ObjectOwner{role, *id};
}

bool is_needed(const ImageMetadata& image, ObjectRole role, std::string_view key) {
  bool was_active = image.status == ImageStatus::active ||
                    (image.status == ImageStatus::deleted && image.facts.has_value());
  switch (role) {
    // An unfinished upload, also one in the trash, may still be completed from either key.
    case ObjectRole::incoming: return !was_active && image.status != ImageStatus::failed;
    case ObjectRole::original:
      return was_active ? image.s3_key == key : image.status != ImageStatus::failed;
    // Those of an upload under way are its ladder. What comes out of the trash is rendered again.
    case ObjectRole::rendition:
      return image.status == ImageStatus::active || image.status == ImageStatus::processing;
  }
  return true;
}

// Asked right before a removal, so that the answer is not stale by more than that.
Result<bool> is_orphaned(const ServiceContext& context, const ObjectInfo& object) {
  auto owner = owner_of(object.key);
  if (!owner) return false;
  auto image = context.metadata.get(owner->image_id);
  if (image.ok()) return !is_needed(*image, owner->role, object.key);
  if (image.error().is(ErrorKind::not_found)) return true;
  return std::move(image).error();
}

bool is_young(const ServiceContext& context, const JanitorPolicy& policy,
              const ObjectInfo& object) {
  return object.modified + policy.min_age > context.clock.now();
}

Result<void> check_object(const ServiceContext& context, const JanitorPolicy& policy,
                          const ObjectInfo& object, ReconcileReport& report) {
  ++report.objects;
  if (is_young(context, policy, object)) return {};
  if (!TRY(is_orphaned(context, object))) return {};
  if (report.orphaned_objects.size() < kMaxReported) report.orphaned_objects.push_back(object.key);
  if (!policy.repair) return {};
  // The list may be minutes old, and a later try of a request may have put its bytes there again.
  const auto there = context.objects.head(object.key);
  if (!there.ok() || is_young(context, policy, *there)) return {};
  TRY(context.objects.remove(object.key));
  ++report.removed;
  return {};
}

Result<void> walk_objects(const ServiceContext& context, const JanitorPolicy& policy,
                          const std::atomic<bool>& stop, ReconcileReport& report) {
  std::string continuation;
  do {
    auto page = TRY(context.objects.list("", continuation, kPage));
    for (const auto& object : page.objects) {
      if (stop) return {};
      TRY(check_object(context, policy, object, report));
    }
    continuation = page.next;
  } while (!continuation.empty());
  return {};
}

// An active record whose original is not there, still so on a second look.
Result<bool> lacks_object(const ServiceContext& context, const ImageMetadata& image) {
  if (image.status != ImageStatus::active) return false;
  auto head = context.objects.head(image.s3_key);
  if (head.ok()) return head->size != image.size;
  if (!head.error().is(ErrorKind::not_found)) return std::move(head).error();
  auto again = context.metadata.get(image.image_id);
  return again.ok() && again->status == ImageStatus::active;
}

Result<void> walk_records(const ServiceContext& context, const std::atomic<bool>& stop,
                          ReconcileReport& report) {
  std::optional<ImageId> after;
  while (!stop) {
    auto records = TRY(context.metadata.scan(after, kPage));
    if (records.empty()) return {};
    for (const auto& image : records) {
      ++report.records;
      if (TRY(lacks_object(context, image)) && report.missing_objects.size() < kMaxReported)
        report.missing_objects.push_back(image.image_id.to_string());
    }
    after = records.back().image_id;
  }
  return {};
}

}  // namespace

Result<ReconcileReport> reconcile(const ServiceContext& context, const JanitorPolicy& policy,
                                  const std::atomic<bool>& stop) {
  ReconcileReport report;
  TRY(walk_objects(context, policy, stop, report));
  TRY(walk_records(context, stop, report));
  return report;
}

}  // namespace tintype

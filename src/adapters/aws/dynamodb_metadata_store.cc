#include "adapters/aws/dynamodb_metadata_store.h"

#include "adapters/aws/image_item.h"

namespace tintype {
namespace {

constexpr std::size_t kSeenRecords = 2000;
constexpr std::size_t kNotesAtOnce = 100;

Error no_such_image() { return not_found_error("There is no such image."); }

}  // namespace

DynamoDbMetadataStore::DynamoDbMetadataStore(dynamodb::Client& client, const Clock& clock,
                                             Random& random, dynamodb::RecordOptions options)
    : client_(client),
      options_(options),
      writer_(client, clock, options),
      lists_(client, options),
      ledger_(client, random, options.tables.ledger),
      seen_(kSeenRecords) {}

Result<void> DynamoDbMetadataStore::insert(const ImageMetadata& image, const Quota& quota) {
  TRY(writer_.insert(image, quota));
  seen_.keep(image);
  return {};
}

Result<ImageMetadata> DynamoDbMetadataStore::get(const ImageId& id) {
  auto record = TRY(writer_.read(id));
  if (!record) return no_such_image();
  if (!record->unsettled) seen_.keep(record->image);
  return std::move(record->image);
}

Result<ImageMetadata> DynamoDbMetadataStore::stored(const ImageId& id, std::int64_t revision) {
  if (const auto seen = seen_.find(id, revision)) return *seen;
  auto record = TRY(writer_.read_settled(id));
  if (!record) return no_such_image();
  if (record->image.revision != revision) return stale_error();
  return std::move(record->image);
}

Result<ImageMetadata> DynamoDbMetadataStore::update(const ImageMetadata& image) {
  const ImageMetadata before = TRY(stored(image.image_id, image.revision));
  if (before.user_id != image.user_id || before.upload_timestamp != image.upload_timestamp)
    return invalid_error("immutable_field", "user_id and upload_timestamp cannot change.");
  ImageMetadata after = image;
  ++after.revision;
  auto done = writer_.replace(before, after);
  if (!done.ok()) {
    seen_.forget(image.image_id);
    return std::move(done).error();
  }
  seen_.keep(after);
  return after;
}

Result<LeaseAttempt> DynamoDbMetadataStore::take_lease(const ImageId& id, Timestamp now,
                                                       Timestamp until) {
  while (true) {
    auto lease = TRY(writer_.take_lease(id, now, until));
    if (lease.image) {
      seen_.keep(*lease.image);
      return LeaseAttempt{true, std::move(*lease.image)};
    }
    auto record = TRY(writer_.read_settled(id));
    if (!record) return no_such_image();
    // Ours, although the answer was lost.
    if (lease.repeated && record->image.lease_until == until)
      return LeaseAttempt{true, std::move(record->image)};
    if (!may_be_leased(record->image, now)) return LeaseAttempt{false, std::move(record->image)};
  }
}

Result<void> DynamoDbMetadataStore::remove(const ImageId& id, std::int64_t revision) {
  const ImageMetadata before = TRY(stored(id, revision));
  seen_.forget(id);
  return writer_.remove(before);
}

Result<std::vector<ImageMetadata>> DynamoDbMetadataStore::due(Timestamp now, std::size_t limit) {
  TRY(writer_.settle_old(kNotesAtOnce));
  return lists_.due(now, limit);
}

// One read of one table, the next time of another.
Result<void> DynamoDbMetadataStore::check() {
  const auto& tables = options_.tables;
  switch (probes_++ % 3) {
    case 0: TRY(client_.get(tables.images, {{"image_id", "probe"}})); break;
    case 1: TRY(client_.get(tables.tags, {{"list", "probe"}, {"listed_at", "probe"}})); break;
    default: TRY(client_.get(tables.ledger, {{"key", "probe"}})); break;
  }
  return {};
}

}  // namespace tintype

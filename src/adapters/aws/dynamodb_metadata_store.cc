#include "adapters/aws/dynamodb_metadata_store.h"

#include "adapters/aws/image_item.h"

namespace tintype {
namespace {

constexpr std::size_t kSeenRecords = 2000;
constexpr std::size_t kNotesAtOnce = 100;

using Settled = dynamodb::RecordWriter::Settled;

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
  if (TRY(writer_.insert(image, quota)) == Settled::now) seen_.keep(image);
  return {};
}

Result<ImageMetadata> DynamoDbMetadataStore::get(const ImageId& id) {
  auto record = TRY(writer_.read(id));
  if (!record || record->is_going()) return no_such_image();
  if (!record->note()) seen_.keep(record->image);
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
  seen_.forget(image.image_id);
  // While a note stands on it, the record must be read before it can be changed again.
  if (TRY(writer_.replace(before, after)) == Settled::now) seen_.keep(after);
  return after;
}

Result<LeaseAttempt> DynamoDbMetadataStore::take_lease(const ImageId& id, Timestamp now,
                                                       Timestamp until) {
  while (true) {
    auto leased = TRY(writer_.take_lease(id, now, until));
    if (leased) {
      seen_.keep(*leased);
      return LeaseAttempt{true, std::move(*leased)};
    }
    auto record = TRY(writer_.read_settled(id));
    if (!record) return no_such_image();
    if (!may_be_leased(record->image, now)) return LeaseAttempt{false, std::move(record->image)};
  }
}

Result<void> DynamoDbMetadataStore::remove(const ImageId& id, std::int64_t revision) {
  const ImageMetadata before = TRY(stored(id, revision));
  seen_.forget(id);
  TRY(writer_.remove(before));
  return {};
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

// DynamoDbMetadataStore: the MetadataStore port on DynamoDB, or a server that speaks its API.
//
// Promises that are DynamoDB's to keep: lists of a user, of a status and of a tag across users come
// from global secondary indexes, which follow their table within moments, not at once; a user's
// list of a tag is strongly consistent. Searching by words is not possible. Where transactions are
// off, what follows from a record follows within moments too (record_writer.h).
#pragma once

#include <atomic>

#include "adapters/aws/dynamodb_ledger.h"
#include "adapters/aws/dynamodb_lists.h"
#include "adapters/aws/seen_records.h"

namespace tintype {

class DynamoDbMetadataStore final : public MetadataStore {
 public:
  // The references must outlive the store.
  DynamoDbMetadataStore(dynamodb::Client& client, const Clock& clock, Random& random,
                        dynamodb::RecordOptions options);

  Result<void> insert(const ImageMetadata& image, const Quota& quota) override;
  Result<ImageMetadata> get(const ImageId& id) override;
  Result<ImageMetadata> update(const ImageMetadata& image) override;
  Result<LeaseAttempt> take_lease(const ImageId& id, Timestamp now, Timestamp until) override;
  Result<void> remove(const ImageId& id, std::int64_t revision) override;
  Result<ImagePage> query(const ImageQuery& query) override { return lists_.page(query); }
  Result<std::vector<TagCount>> tag_counts(const TagQuery& query) override {
    return lists_.tag_counts(query);
  }
  Result<Usage> usage(std::string_view user_id) override { return ledger_.usage(user_id); }
  Result<std::optional<ImageMetadata>> find_by_sha256(std::string_view user_id,
                                                      std::string_view sha256_hex) override {
    return lists_.with_content(user_id, sha256_hex);
  }
  Result<std::vector<ImageMetadata>> due(Timestamp now, std::size_t limit) override;
  Result<std::vector<ImageMetadata>> scan(const std::optional<ImageId>& after,
                                          std::size_t limit) override {
    return lists_.scan(after, limit);
  }
  Result<IdempotencyState> begin_idempotent(const IdempotencyRequest& request) override {
    return ledger_.begin(request);
  }
  Result<void> finish_idempotent(std::string_view key, std::string_view holder,
                                 const StoredAnswer& answer) override {
    return ledger_.finish(key, holder, answer);
  }
  Result<void> abandon_idempotent(std::string_view key, std::string_view holder) override {
    return ledger_.abandon(key, holder);
  }
  Result<std::size_t> forget_idempotent(Timestamp now) override { return ledger_.forget(now); }
  bool supports_search() const override { return false; }
  Result<void> check() override;

 private:
  // What the table has, if that is of the revision.
  Result<ImageMetadata> stored(const ImageId& id, std::int64_t revision);

  dynamodb::Client& client_;
  dynamodb::RecordOptions options_;
  dynamodb::RecordWriter writer_;
  dynamodb::ImageLists lists_;
  dynamodb::Ledger ledger_;
  dynamodb::SeenRecords seen_;
  std::atomic<unsigned> probes_{0};
};

}  // namespace tintype

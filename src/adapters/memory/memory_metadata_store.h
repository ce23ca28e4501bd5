// MemoryMetadataStore: the reference implementation of MetadataStore, for tests.
//
// Every method takes one mutex and looks at everything; what it answers is what the other adapters
// must answer. Nothing survives the object. `query` never returns a short page with a position.
//
// Words are cut and folded as in search_words.h. Only indexed (active) images can be searched: a
// query with `words` and another status is `unprocessable` with code `search_unsupported`.
#pragma once

#include <map>
#include <mutex>

#include "ports/metadata_store.h"

namespace tintype {

class MemoryMetadataStore final : public MetadataStore {
 public:
  Result<void> insert(const ImageMetadata& image, const Quota& quota) override;
  Result<ImageMetadata> get(const ImageId& id) override;
  Result<ImageMetadata> update(const ImageMetadata& image) override;
  Result<void> remove(const ImageId& id, std::int64_t revision) override;
  Result<ImagePage> query(const ImageQuery& query) override;
  Result<std::vector<TagCount>> tag_counts(const TagQuery& query) override;
  Result<Usage> usage(std::string_view user_id) override;
  Result<std::optional<ImageMetadata>> find_by_sha256(std::string_view user_id,
                                                      std::string_view sha256_hex) override;
  Result<std::vector<ImageMetadata>> due(Timestamp now, std::size_t limit) override;
  Result<std::vector<ImageMetadata>> scan(const std::optional<ImageId>& after,
                                          std::size_t limit) override;
  Result<IdempotencyState> begin_idempotent(const IdempotencyRequest& request) override;
  Result<void> finish_idempotent(std::string_view key, std::string_view holder,
                                 const StoredAnswer& answer) override;
  Result<void> abandon_idempotent(std::string_view key, std::string_view holder) override;
  Result<std::size_t> forget_idempotent(Timestamp now) override;
  bool supports_search() const override { return true; }
  Result<void> check() override { return {}; }

 private:
  struct KeyEntry {
    bool is_held_by(std::string_view name) const { return !answer && holder == name; }

    std::string fingerprint;
    std::string seed;
    std::string holder;
    Timestamp held_until;
    Timestamp expires_at;
    std::optional<StoredAnswer> answer;
  };

  Usage usage_locked(std::string_view user_id) const;

  std::mutex mutex_;
  std::map<ImageId, ImageMetadata> images_;
  std::map<std::string, KeyEntry, std::less<>> keys_;
};

}  // namespace tintype

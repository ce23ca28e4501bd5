// SqliteMetadataStore: MetadataStore in one SQLite file, for one process.
//
// Writes go through one thread that commits many at once (group_commit.h); reads use a few
// connections of their own and never wait for a write. The file must belong to this process alone
// (the caller holds the data folder's lock), since `get` answers from memory where it can.
// The schema is described in docs/storage-format.md.
// Only active images can be searched: a query with `words` and another status is `unprocessable`
// with code `search_unsupported`.
#pragma once

#include <memory>
#include <string>

#include "adapters/embedded/group_commit.h"
#include "adapters/embedded/image_writer.h"
#include "adapters/embedded/reader_pool.h"
#include "adapters/embedded/record_cache.h"
#include "ports/metadata_store.h"

namespace tintype {

class SqliteMetadataStore final : public MetadataStore {
 public:
  struct Options {
    // The folder of `metadata.db`; must exist and be writable.
    std::string folder;
    // Reads at the same time; more wait. Each that was ever needed keeps its connection.
    std::size_t readers = 4;
    // Page cache of each connection, in KiB. Filled by use, kept until the end.
    std::size_t page_cache_kib = 1024;
    // How much of the file readers map into memory: saves a copy per page. Counts as shared memory,
    // which the kernel takes back when it needs it. 0: none.
    std::size_t mmap_bytes = 0;
    // Records kept in memory for `get`, in bytes; 0: none.
    std::size_t record_cache_bytes = 4 * 1024 * 1024;
    // Rows that one `query` examines before it answers with what it has.
    std::size_t query_budget = 20'000;
    // Waiting writes and writes per commit.
    GroupCommit::Options writes{};
    // The file's greatest size in pages of 8 KiB; beyond it writes are `storage_full`. 0: no limit.
    std::size_t max_pages = 0;
  };

  // Opens the store, makes it when it is new, and migrates it when it is older. Errors: `internal`
  // when the file is damaged, read-only, or written by a newer Tintype; `storage_full`.
  static Result<std::unique_ptr<SqliteMetadataStore>> create(const Options& options);
  ~SqliteMetadataStore() override;

  Result<void> insert(const ImageMetadata& image, const Quota& quota) override;
  Result<ImageMetadata> get(const ImageId& id) override;
  Result<ImageMetadata> update(const ImageMetadata& image) override;
  Result<void> remove(const ImageId& id, std::int64_t revision) override;
  Result<ImagePage> query(const ImageQuery& query) override;
  Result<SharedImagePage> query_shared(const ImageQuery& query) override;
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
  // Reads; and writes too while the last commit had failed, so that it notices when space returns.
  Result<void> check() override;

  std::uint64_t commits() const { return writer_->commits(); }  // transactions since the start
  std::uint64_t writes() const { return writer_->writes(); }    // writes in them

 private:
  SqliteMetadataStore(const Options& options, SqliteConnection connection);
  GroupCommit::Hooks hooks();
  Result<ImageMetadata> read_record(const ImageId& id);

  const Options options_;
  RecordCache cache_;
  // Of the transaction that is being written; only the writer's thread touches them.
  PendingChanges pending_;
  std::map<ImageId, RecordCache::Record> changing_;
  std::unique_ptr<GroupCommit> writer_;  // its thread uses everything above
  // Closed first: SQLite folds the write-ahead log into the database when its last connection is
  // one that may write.
  ReaderPool readers_;
};

}  // namespace tintype

#include "adapters/embedded/sqlite_metadata_store.h"

#include <fcntl.h>

#include <cerrno>

#include "adapters/embedded/idempotency_keys.h"
#include "adapters/embedded/image_lists.h"
#include "adapters/embedded/image_rows.h"
#include "adapters/embedded/schema.h"
#include "base/unique_fd.h"

namespace tintype {
namespace {

#define SELECT_IMAGES "SELECT " TINTYPE_IMAGE_COLUMNS " FROM images "

constexpr char kSelectById[] = SELECT_IMAGES "INDEXED BY images_by_id WHERE image_id=?1";
constexpr char kScan[] =
    SELECT_IMAGES "INDEXED BY images_by_id WHERE image_id>?1 ORDER BY image_id LIMIT ?2";
constexpr char kDue[] = SELECT_IMAGES
    "INDEXED BY images_by_due WHERE due_at<=?1 AND due_at IS NOT NULL "
    "ORDER BY due_at, image_id LIMIT ?2";
constexpr char kBySha256[] = SELECT_IMAGES
    "INDEXED BY images_by_sha256 WHERE user_id=?1 AND sha256=?2 AND status=1 "
    "AND sha256 IS NOT NULL ORDER BY upload_timestamp, image_id LIMIT 1";
constexpr char kTopTags[] =
    "SELECT tag, images FROM tag_counts INDEXED BY tag_counts_by_images WHERE user_id=?1 "
    "ORDER BY images DESC, tag LIMIT ?2";
// U+10FFFF comes after every tag: tags hold letters, digits, `_` and `-`.
constexpr char kPrefixTags[] =
    "SELECT tag, images FROM tag_counts WHERE user_id=?1 AND tag>=?3 AND tag<?3||char(1114111) "
    "ORDER BY images DESC, tag LIMIT ?2";
constexpr char kProbe[] = "UPDATE probe SET counter=counter+1 WHERE id=1";
constexpr char kProbeRead[] = "SELECT counter FROM probe WHERE id=1";

// The page size must be set before the first table is made, the journal mode after it.
Result<void> configure(SqliteConnection& connection, const SqliteMetadataStore::Options& options) {
  const std::string pragmas = "PRAGMA page_size=8192; PRAGMA cache_size=-" +
                              std::to_string(options.page_cache_kib) +
                              "; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                              "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=16777216";
  TRY(connection.execute(pragmas.c_str()));
  if (options.max_pages == 0) return {};
  return connection.execute(("PRAGMA max_page_count=" + std::to_string(options.max_pages)).c_str());
}

// A new file survives power loss only when its folder has been written too.
Result<void> sync_folder(const std::string& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return system_error("metadata folder " + folder, errno);
  return {};
}

std::string database_path(const std::string& folder) { return folder + "/metadata.db"; }

}  // namespace

Result<std::unique_ptr<SqliteMetadataStore>> SqliteMetadataStore::create(const Options& options) {
  auto connection = TRY(
      SqliteConnection::open(database_path(options.folder), SqliteConnection::Mode::read_write));
  TRY(configure(connection, options));
  TRY(migrate_schema(connection));
  TRY(sync_folder(options.folder));
  std::unique_ptr<SqliteMetadataStore> store(
      new SqliteMetadataStore(options, std::move(connection)));
  TRY(store->check());
  return store;
}

SqliteMetadataStore::SqliteMetadataStore(const Options& options, SqliteConnection connection)
    : options_(options),
      cache_(options.record_cache_bytes),
      writer_(std::make_unique<GroupCommit>(std::move(connection), options.writes, hooks())),
      readers_({database_path(options.folder), options.readers, options.page_cache_kib,
                options.mmap_bytes}) {}

SqliteMetadataStore::~SqliteMetadataStore() = default;

GroupCommit::Hooks SqliteMetadataStore::hooks() {
  GroupCommit::Hooks hooks;
  hooks.before_commit = [this](SqliteConnection& connection) -> Result<void> {
    TRY(apply_doc_changes(connection, pending_.docs));
    for (auto& [id, record] : pending_.records) changing_[id] = std::move(record);
    for (const auto& [id, record] : changing_) cache_.begin_change(id);
    return {};
  };
  hooks.after_commit = [this](bool committed) {
    for (auto& [id, record] : changing_)
      cache_.end_change(id, committed ? std::move(record) : nullptr);
    changing_.clear();
    pending_ = {};
  };
  return hooks;
}

Result<void> SqliteMetadataStore::insert(const ImageMetadata& image, const Quota& quota) {
  return writer_->run([&](SqliteConnection& connection) {
    return insert_image(connection, image, quota, pending_);
  });
}

Result<ImageMetadata> SqliteMetadataStore::get(const ImageId& id) {
  RecordCache::Ticket ticket;
  if (const auto record = cache_.find(id, ticket)) return *record;
  auto record = std::make_shared<const ImageMetadata>(TRY(read_record(id)));
  cache_.fill(record, ticket);
  return *record;
}

Result<ImageMetadata> SqliteMetadataStore::read_record(const ImageId& id) {
  auto reader = TRY(readers_.take());
  auto q = TRY(reader->query(kSelectById));
  q.bind_blob(1, id.bytes());
  if (!TRY(q.step())) return not_found_error("There is no such image.");
  return read_image(q);
}

Result<ImageMetadata> SqliteMetadataStore::update(const ImageMetadata& image) {
  ImageMetadata updated = image;
  TRY(writer_->run(
      [&](SqliteConnection& connection) { return update_image(connection, updated, pending_); }));
  return updated;
}

Result<void> SqliteMetadataStore::remove(const ImageId& id, std::int64_t revision) {
  return writer_->run([&](SqliteConnection& connection) {
    return remove_image(connection, id, revision, pending_);
  });
}

Result<ImagePage> SqliteMetadataStore::query(const ImageQuery& query) {
  auto shared = TRY(query_shared(query));
  ImagePage page;
  page.next = shared.next;
  page.images.reserve(shared.images.size());
  for (const auto& image : shared.images) page.images.push_back(*image);
  return page;
}

Result<SharedImagePage> SqliteMetadataStore::query_shared(const ImageQuery& query) {
  if (query.words && query.status != ImageStatus::active)
    return Error{ErrorKind::unprocessable,
                 "search_unsupported",
                 "Only active images can be searched by words.",
                 {}};
  auto reader = TRY(readers_.take());
  const auto tickets = cache_.take_tickets();
  const auto transaction = TRY(ReadTransaction::begin(*reader));
  return list_images(*reader, cache_, tickets, query, options_.query_budget);
}

Result<std::vector<TagCount>> SqliteMetadataStore::tag_counts(const TagQuery& query) {
  auto reader = TRY(readers_.take());
  auto q = TRY(reader->query(query.prefix.empty() ? kTopTags : kPrefixTags));
  q.bind_text(1, query.user_id ? std::string_view(*query.user_id) : std::string_view());
  q.bind(2, static_cast<std::int64_t>(query.limit));
  if (!query.prefix.empty()) q.bind_text(3, std::string_view(query.prefix));
  std::vector<TagCount> counts;
  while (TRY(q.step()))
    counts.push_back({std::string(q.text(0)), static_cast<std::uint64_t>(q.integer(1))});
  return counts;
}

Result<Usage> SqliteMetadataStore::usage(std::string_view user_id) {
  auto reader = TRY(readers_.take());
  return read_usage(*reader, user_id);
}

Result<std::optional<ImageMetadata>> SqliteMetadataStore::find_by_sha256(
    std::string_view user_id, std::string_view sha256_hex) {
  auto reader = TRY(readers_.take());
  auto q = TRY(reader->query(kBySha256));
  q.bind_text(1, user_id);
  q.bind_text(2, sha256_hex);
  if (!TRY(q.step())) return std::optional<ImageMetadata>();
  return std::optional<ImageMetadata>(read_image(q));
}

Result<std::vector<ImageMetadata>> SqliteMetadataStore::due(Timestamp now, std::size_t limit) {
  auto reader = TRY(readers_.take());
  auto q = TRY(reader->query(kDue));
  q.bind(1, now);
  q.bind(2, static_cast<std::int64_t>(limit));
  return read_images(q);
}

Result<std::vector<ImageMetadata>> SqliteMetadataStore::scan(const std::optional<ImageId>& after,
                                                             std::size_t limit) {
  auto reader = TRY(readers_.take());
  auto q = TRY(reader->query(kScan));
  q.bind_blob(1, after ? after->bytes() : std::string_view());
  q.bind(2, static_cast<std::int64_t>(limit));
  return read_images(q);
}

Result<IdempotencyState> SqliteMetadataStore::begin_idempotent(const IdempotencyRequest& request) {
  IdempotencyState state;
  const auto begin = [&](SqliteConnection& connection) -> Result<void> {
    state = TRY(begin_key(connection, request));
    return {};
  };
  TRY(writer_->run(begin));
  return state;
}

Result<void> SqliteMetadataStore::finish_idempotent(std::string_view key, std::string_view holder,
                                                    const StoredAnswer& answer) {
  return writer_->run(
      [&](SqliteConnection& connection) { return finish_key(connection, key, holder, answer); });
}

Result<void> SqliteMetadataStore::abandon_idempotent(std::string_view key,
                                                     std::string_view holder) {
  return writer_->run(
      [&](SqliteConnection& connection) { return abandon_key(connection, key, holder); });
}

Result<std::size_t> SqliteMetadataStore::forget_idempotent(Timestamp now) {
  std::size_t forgotten = 0;
  const auto forget = [&](SqliteConnection& connection) -> Result<void> {
    forgotten = TRY(forget_keys(connection, now));
    return {};
  };
  TRY(writer_->run(forget));
  return forgotten;
}

Result<void> SqliteMetadataStore::check() {
  {
    auto reader = TRY(readers_.take());
    if (!TRY(reader->integer(kProbeRead)))
      return internal_error("metadata store: the probe row is missing");
  }
  if (!writer_->last_commit_failed()) return {};
  return writer_->run([](SqliteConnection& connection) { return connection.run(kProbe); });
}

}  // namespace tintype

#include "adapters/embedded/image_writer.h"

#include "adapters/embedded/hash_index.h"
#include "adapters/embedded/image_rows.h"

namespace tintype {
namespace {

constexpr char kSelectById[] =
    "SELECT " TINTYPE_IMAGE_COLUMNS " FROM images INDEXED BY images_by_id WHERE image_id=?1";
constexpr char kIdExists[] = "SELECT 1 FROM images INDEXED BY images_by_id WHERE image_id=?1";
constexpr char kInsert[] =
    "INSERT INTO images(" TINTYPE_IMAGE_COLUMNS
    ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,"
    "?24,?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37,?38,?39)";
constexpr char kDelete[] =
    "DELETE FROM images WHERE user_id=?1 AND status=?2 AND upload_timestamp=?3 AND image_id=?4";
constexpr char kInsertTag[] = "INSERT INTO image_tags VALUES(?1,?2,?3,?4)";
constexpr char kDeleteTag[] =
    "DELETE FROM image_tags WHERE user_id=?1 AND tag=?2 AND upload_timestamp=?3 AND image_id=?4";
constexpr char kCountTag[] =
    "INSERT INTO tag_counts VALUES(?1,?2,?3) "
    "ON CONFLICT(user_id, tag) DO UPDATE SET images=images+excluded.images";
constexpr char kDropUncounted[] =
    "DELETE FROM tag_counts WHERE user_id=?1 AND tag=?2 AND images<=0";
constexpr char kSelectUsage[] = "SELECT images, bytes FROM user_usage WHERE user_id=?1";
constexpr char kAddUsage[] =
    "INSERT INTO user_usage VALUES(?1,?2,?3) "
    "ON CONFLICT(user_id) DO UPDATE SET images=images+excluded.images, bytes=bytes+excluded.bytes";
constexpr char kAllUsers[] = "";  // the user id of the counters over all users

struct StoredImage {
  ImageMetadata image;
  std::optional<std::int64_t> doc;
};

Result<StoredImage> stored_image(SqliteConnection& connection, const ImageId& id,
                                 std::int64_t revision) {
  auto q = TRY(connection.query(kSelectById));
  q.bind_blob(1, id.bytes());
  if (!TRY(q.step())) return not_found_error("There is no such image.");
  StoredImage stored{read_image(q), {}};
  if (!q.is_null(kDocColumn)) stored.doc = q.integer(kDocColumn);
  if (stored.image.revision != revision) return stale_error();
  return stored;
}

Result<void> insert_row(SqliteConnection& connection, const ImageMetadata& image,
                        std::optional<std::int64_t> doc) {
  const ImageRowTexts texts(image);
  auto q = TRY(connection.query(kInsert));
  bind_image(q, image, texts, doc);
  return q.run();
}

Result<void> delete_row(SqliteConnection& connection, const ImageMetadata& image) {
  auto q = TRY(connection.query(kDelete));
  q.bind_text(1, std::string_view(image.user_id));
  q.bind(2, static_cast<std::int64_t>(image.status));
  q.bind(3, image.upload_timestamp);
  q.bind_blob(4, image.image_id.bytes());
  return q.run();
}

Result<void> count_tag(SqliteConnection& connection, std::string_view user_id, std::string_view tag,
                       int change) {
  auto q = TRY(connection.query(kCountTag));
  q.bind_text(1, user_id);
  q.bind_text(2, tag);
  q.bind(3, std::int64_t{change});
  TRY(q.run());
  if (change > 0) return {};
  auto drop = TRY(connection.query(kDropUncounted));
  drop.bind_text(1, user_id);
  drop.bind_text(2, tag);
  return drop.run();
}

// Adds (change 1) or removes (change -1) the image's place under one tag.
Result<void> change_tag(SqliteConnection& connection, const ImageMetadata& image,
                        std::string_view tag, int change) {
  auto q = TRY(connection.query(change > 0 ? kInsertTag : kDeleteTag));
  q.bind_text(1, std::string_view(image.user_id));
  q.bind_text(2, tag);
  q.bind(3, image.upload_timestamp);
  q.bind_blob(4, image.image_id.bytes());
  TRY(q.run());
  TRY(count_tag(connection, image.user_id, tag, change));
  return count_tag(connection, kAllUsers, tag, change);
}

std::vector<std::string> indexed_tags(const ImageMetadata* image) {
  if (image == nullptr || !is_indexed(*image)) return {};
  auto tags = image->tags;
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

Result<void> change_tags(SqliteConnection& connection, const ImageMetadata* before,
                         const ImageMetadata* after) {
  const auto old_tags = indexed_tags(before);
  const auto new_tags = indexed_tags(after);
  for (const auto& tag : old_tags)
    if (!std::binary_search(new_tags.begin(), new_tags.end(), tag))
      TRY(change_tag(connection, *before, tag, -1));
  for (const auto& tag : new_tags)
    if (!std::binary_search(old_tags.begin(), old_tags.end(), tag))
      TRY(change_tag(connection, *after, tag, +1));
  return {};
}

Result<void> add_usage(SqliteConnection& connection, std::string_view user_id, const Usage& before,
                       const Usage& after) {
  if (before == after) return {};
  auto q = TRY(connection.query(kAddUsage));
  q.bind_text(1, user_id);
  q.bind(2, static_cast<std::int64_t>(after.images - before.images));
  q.bind(3, static_cast<std::int64_t>(after.bytes - before.bytes));
  return q.run();
}

bool exceeds(std::uint64_t value, std::uint64_t limit) { return limit != 0 && value > limit; }

Result<void> check_quota(SqliteConnection& connection, const ImageMetadata& image,
                         const Quota& quota) {
  if (quota.max_images == 0 && quota.max_bytes == 0) return {};
  const Usage now = TRY(read_usage(connection, image.user_id));
  const Usage added = usage_of(image);
  if (exceeds(now.images + added.images, quota.max_images) ||
      exceeds(now.bytes + added.bytes, quota.max_bytes))
    return Error{ErrorKind::unprocessable, "quota_exceeded", "The user's quota is used up.", {}};
  return {};
}

// The key of the image's document from now on: kept, new, or none.
Result<std::optional<std::int64_t>> next_doc(SqliteConnection& connection,
                                             const ImageMetadata& image,
                                             std::optional<std::int64_t> old_doc) {
  if (!is_indexed(image)) return std::optional<std::int64_t>();
  if (old_doc) return old_doc;
  return std::optional<std::int64_t>(TRY(free_doc(connection, image)));
}

void add_doc_changes(const StoredImage& before, const ImageMetadata& after,
                     std::optional<std::int64_t> doc, PendingChanges& pending) {
  if (before.doc && doc && same_document(before.image, after)) return;
  if (before.doc) pending.docs.emplace_back(DocChange::Kind::remove, *before.doc, before.image);
  if (doc) pending.docs.emplace_back(DocChange::Kind::add, *doc, after);
}

}  // namespace

Result<Usage> read_usage(SqliteConnection& connection, std::string_view user_id) {
  auto q = TRY(connection.query(kSelectUsage));
  q.bind_text(1, user_id);
  if (!TRY(q.step())) return Usage{};
  return Usage{static_cast<std::uint64_t>(q.integer(0)), static_cast<std::uint64_t>(q.integer(1))};
}

Result<void> insert_image(SqliteConnection& connection, const ImageMetadata& image,
                          const Quota& quota, PendingChanges& pending) {
  const std::int64_t created = image.upload_timestamp.time_since_epoch().count();
  if (created < 0 || created > kMaxDocTime)
    return invalid_error("invalid_time", "upload_timestamp is out of range.");
  {
    auto q = TRY(connection.query(kIdExists));
    q.bind_blob(1, image.image_id.bytes());
    if (TRY(q.step()))
      return Error{ErrorKind::conflict, "already_exists", "An image with this id exists.", {}};
  }
  TRY(check_quota(connection, image, quota));
  const auto doc = TRY(next_doc(connection, image, std::nullopt));
  TRY(insert_row(connection, image, doc));
  TRY(change_tags(connection, nullptr, &image));
  TRY(change_hash(connection, nullptr, &image));
  TRY(add_usage(connection, image.user_id, {}, usage_of(image)));
  if (doc) pending.docs.emplace_back(DocChange::Kind::add, *doc, image);
  pending.records.emplace_back(image.image_id, std::make_shared<const ImageMetadata>(image));
  return {};
}

Result<void> update_image(SqliteConnection& connection, ImageMetadata& image,
                          PendingChanges& pending) {
  const auto stored = TRY(stored_image(connection, image.image_id, image.revision));
  const ImageMetadata& before = stored.image;
  if (before.user_id != image.user_id || before.upload_timestamp != image.upload_timestamp)
    return invalid_error("immutable_field", "user_id and upload_timestamp cannot change.");
  ++image.revision;
  const auto doc = TRY(next_doc(connection, image, stored.doc));
  TRY(delete_row(connection, before));
  TRY(insert_row(connection, image, doc));
  TRY(change_tags(connection, &before, &image));
  TRY(change_hash(connection, &before, &image));
  TRY(add_usage(connection, image.user_id, usage_of(before), usage_of(image)));
  add_doc_changes(stored, image, doc, pending);
  pending.records.emplace_back(image.image_id, std::make_shared<const ImageMetadata>(image));
  return {};
}

Result<void> remove_image(SqliteConnection& connection, const ImageId& id, std::int64_t revision,
                          PendingChanges& pending) {
  const auto stored = TRY(stored_image(connection, id, revision));
  TRY(delete_row(connection, stored.image));
  TRY(change_tags(connection, &stored.image, nullptr));
  TRY(change_hash(connection, &stored.image, nullptr));
  TRY(add_usage(connection, stored.image.user_id, usage_of(stored.image), {}));
  if (stored.doc) pending.docs.emplace_back(DocChange::Kind::remove, *stored.doc, stored.image);
  pending.records.emplace_back(id, nullptr);
  return {};
}

}  // namespace tintype

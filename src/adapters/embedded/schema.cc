#include "adapters/embedded/schema.h"

#include <array>

#include "adapters/embedded/hash_index.h"

namespace tintype {
namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE images(
  user_id TEXT NOT NULL,
  status INTEGER NOT NULL,
  upload_timestamp INTEGER NOT NULL,
  image_id BLOB NOT NULL,
  doc INTEGER,
  due_at INTEGER,
  content_type INTEGER NOT NULL,
  size INTEGER NOT NULL,
  tags TEXT,
  filename TEXT NOT NULL,
  visibility INTEGER NOT NULL,
  s3_bucket TEXT NOT NULL,
  s3_key TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  sha256 TEXT,
  failure_code TEXT,
  failure_detail TEXT,
  deleted_at INTEGER,
  purge_at INTEGER,
  deleted_from INTEGER,
  declared_sha256 TEXT,
  expires_at INTEGER,
  lease_until INTEGER,
  variants TEXT,
  facts_content_type INTEGER,
  width INTEGER,
  height INTEGER,
  frames INTEGER,
  orientation INTEGER,
  has_alpha INTEGER,
  color_profile TEXT,
  thumbhash BLOB,
  dominant_color TEXT,
  perceptual_hash TEXT,
  location TEXT,
  exif TEXT,
  description TEXT,
  metadata TEXT,
  PRIMARY KEY(user_id, status, upload_timestamp, image_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX images_by_id ON images(image_id);
CREATE INDEX images_by_status ON images(status, upload_timestamp, image_id);
CREATE INDEX images_by_due ON images(due_at, image_id) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX images_by_doc ON images(doc) WHERE doc IS NOT NULL;
CREATE INDEX images_by_sha256 ON images(user_id, sha256, upload_timestamp, image_id)
  WHERE status = 1 AND sha256 IS NOT NULL;

CREATE TABLE image_tags(
  user_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  upload_timestamp INTEGER NOT NULL,
  image_id BLOB NOT NULL,
  PRIMARY KEY(user_id, tag, upload_timestamp, image_id)
) WITHOUT ROWID;
CREATE INDEX image_tags_of_all ON image_tags(tag, upload_timestamp, image_id, user_id);

CREATE TABLE tag_counts(
  user_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  images INTEGER NOT NULL,
  PRIMARY KEY(user_id, tag)
) WITHOUT ROWID;

CREATE TABLE user_usage(
  user_id TEXT PRIMARY KEY NOT NULL,
  images INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE idempotency_keys(
  key TEXT PRIMARY KEY NOT NULL,
  fingerprint TEXT NOT NULL,
  held_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  status INTEGER,
  headers TEXT,
  body TEXT
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys(expires_at);

CREATE VIRTUAL TABLE image_words USING fts5(
  description, filename, tags, owner,
  content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
);

CREATE TABLE probe(id INTEGER PRIMARY KEY, counter INTEGER NOT NULL);
INSERT INTO probe VALUES(1, 0);
)sql";

// The most frequent tags without reading and sorting all of them.
constexpr const char* kVersion2 = R"sql(
CREATE INDEX tag_counts_by_images ON tag_counts(user_id, images DESC, tag);
)sql";

// Images by perceptual hash (hash_index.h). A list is a number for a band's value, or the text of a
// user id; the column has no type, so that both stay what they are.
constexpr const char* kVersion3 = R"sql(
CREATE TABLE image_hashes(
  list NOT NULL,
  upload_timestamp INTEGER NOT NULL,
  image_id BLOB NOT NULL,
  hash INTEGER NOT NULL,
  user_id TEXT,
  PRIMARY KEY(list, upload_timestamp, image_id)
) WITHOUT ROWID;
)sql";

// What a request with an idempotency key made its new names from, for the next try; and who holds
// it.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE idempotency_keys ADD COLUMN seed BLOB NOT NULL DEFAULT x'';
ALTER TABLE idempotency_keys ADD COLUMN holder BLOB NOT NULL DEFAULT x'';
)sql";

struct Migration {
  const char* sql;
  Result<void> (*fill)(SqliteConnection&) = nullptr;  // what SQL alone cannot compute
};

// Entry n brings a file from version n to n + 1. Entries are never changed once released.
constexpr std::array kMigrations = {Migration{kVersion1}, Migration{kVersion2},
                                    Migration{kVersion3, fill_hash_index}, Migration{kVersion4}};

Result<void> apply(SqliteConnection& connection, std::size_t version) {
  const std::string stamp = "PRAGMA user_version=" + std::to_string(version + 1);
  TRY(connection.execute("BEGIN IMMEDIATE"));
  auto done = [&]() -> Result<void> {
    TRY(connection.execute(kMigrations[version].sql));
    if (kMigrations[version].fill) TRY(kMigrations[version].fill(connection));
    TRY(connection.execute(stamp.c_str()));
    return connection.execute("COMMIT");
  }();
  if (!done.ok() && connection.in_transaction()) (void)connection.execute("ROLLBACK");
  return done;
}

}  // namespace

int current_schema_version() { return static_cast<int>(kMigrations.size()); }

Result<void> migrate_schema(SqliteConnection& connection) {
  const auto found = TRY(connection.integer("PRAGMA user_version")).value_or(0);
  if (found < 0 || found > current_schema_version())
    return internal_error("metadata store: the database has schema version " +
                          std::to_string(found) + ", this Tintype knows versions up to " +
                          std::to_string(current_schema_version()) +
                          "; run the Tintype that wrote it, or a newer one");
  for (auto version = static_cast<std::size_t>(found); version < kMigrations.size(); ++version)
    TRY(apply(connection, version));
  return {};
}

}  // namespace tintype

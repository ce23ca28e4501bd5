// What only the SQLite store promises: durability, grouped commits, query plans, full disks and
// files that cannot be used.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "adapters/embedded/image_lists.h"
#include "adapters/embedded/schema.h"
#include "conformance/metadata_store_factory.h"
#include "unit/embedded/sqlite_test_folder.h"

namespace tintype::testing {
namespace {

TEST(SqliteMetadataStoreTest, ReopeningKeepsEverything) {
  const SqliteTestFolder folder;
  const auto image = ImageBuilder().tags({"cat"}).description("whiskers").active().size(77).build();
  {
    auto store = must_open(folder.options());
    ASSERT_TRUE(store->insert(image, {}).ok());
    ASSERT_TRUE(store->insert(ImageBuilder().build(), {}).ok());
    ASSERT_TRUE(store
                    ->begin_idempotent(
                        {"k", "f", kTestEpoch, kTestEpoch + seconds(60), kTestEpoch + seconds(99)})
                    .ok());
    ASSERT_TRUE(store->finish_idempotent("k", "", {201, "h", "b"}).ok());
  }
  auto store = must_open(folder.options());
  EXPECT_EQ(*store->get(image.image_id), image);
  EXPECT_EQ(*store->usage("ann"), (Usage{2, 1077}));
  EXPECT_EQ(*store->tag_counts({}), (std::vector<TagCount>{{"cat", 1}}));
  ImageQuery words;
  words.words = "whiskers";
  EXPECT_EQ(store->query(words)->images.size(), 1u);
  const auto state = store->begin_idempotent(
      {"k", "f", kTestEpoch, kTestEpoch + seconds(60), kTestEpoch + seconds(99)});
  EXPECT_EQ(state->kind, IdempotencyState::Kind::replay);
}

TEST(SqliteMetadataStoreTest, AClosedStoreIsOneFile) {
  const SqliteTestFolder folder;
  {
    auto store = must_open(folder.options());
    const auto image = ImageBuilder().build();
    ASSERT_TRUE(store->insert(image, {}).ok());
    ASSERT_TRUE(store->query({}).ok());
    ASSERT_TRUE(store->get(image.image_id).ok());
  }
  EXPECT_FALSE(std::filesystem::exists(folder.options().folder + "/metadata.db-wal"));
}

TEST(SqliteMetadataStoreTest, ManyWritersShareCommits) {
  const SqliteTestFolder folder;
  auto store = must_open(folder.options());
  const std::uint64_t before = store->commits();
  in_parallel(32, [&](int) {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(store->insert(ImageBuilder().build(), {}).ok());
  });
  EXPECT_EQ(store->writes(), 640u);
  EXPECT_LT(store->commits() - before, 320u) << "fewer commits than half of the writes";
  EXPECT_EQ(store->usage("ann")->images, 640u);
}

TEST(SqliteMetadataStoreTest, AFailureInAGroupLeavesTheOthers) {
  const SqliteTestFolder folder;
  auto store = must_open(folder.options());
  const auto taken = ImageBuilder().tags({"x"}).active().build();
  ASSERT_TRUE(store->insert(taken, {}).ok());
  std::atomic<int> conflicts{0};
  in_parallel(16, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      if (thread % 2 == 0) EXPECT_TRUE(store->insert(ImageBuilder().build(), {}).ok());
      else if (store->insert(taken, {}).error().is(ErrorKind::conflict)) ++conflicts;
    }
  });
  EXPECT_EQ(conflicts, 80);
  EXPECT_EQ(store->usage("ann")->images, 81u);
}

TEST(SqliteMetadataStoreTest, AFullQueueIsUnavailable) {
  const SqliteTestFolder folder;
  auto options = folder.options();
  options.writes.queue_limit = 1;
  auto store = must_open(options);
  std::atomic<int> added{0};
  std::atomic<int> refused{0};
  in_parallel(16, [&](int) {
    for (int i = 0; i < 20; ++i) {
      const auto result = store->insert(ImageBuilder().build(), {});
      if (result.ok()) ++added;
      else if (result.error().is(ErrorKind::unavailable)) ++refused;
    }
  });
  EXPECT_GT(refused, 0);
  EXPECT_EQ(added + refused, 320);
  EXPECT_EQ(store->usage("ann")->images, static_cast<std::uint64_t>(added));
}

// The lines of EXPLAIN QUERY PLAN.
std::string plan_of(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, ("EXPLAIN QUERY PLAN " + std::string(sql)).c_str(), -1,
                               &statement, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(db);
  std::string plan;
  while (sqlite3_step(statement) == SQLITE_ROW)
    plan.append(reinterpret_cast<const char*>(sqlite3_column_text(statement, 3))).append("\n");
  sqlite3_finalize(statement);
  return plan;
}

TEST(SqliteMetadataStoreTest, ListsSeekAndNeverSort) {
  const SqliteTestFolder folder;
  must_open(folder.options()).reset();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(folder.database().c_str(), &db), SQLITE_OK);
  for (const char* sql : list_statements()) {
    const std::string plan = plan_of(db, sql);
    EXPECT_NE(plan.find("SEARCH"), std::string::npos) << sql << "\n" << plan;
    EXPECT_NE(plan.find("upload_timestamp"), std::string::npos) << sql << "\n" << plan;
    EXPECT_EQ(plan.find("SCAN"), std::string::npos) << sql << "\n" << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << sql << "\n" << plan;
  }
  sqlite3_close(db);
}

TEST(SqliteMetadataStoreTest, AFullStoreSaysSoAndRecovers) {
  const SqliteTestFolder folder;
  auto options = folder.options();
  options.max_pages = 48;
  auto store = must_open(options);
  std::vector<ImageMetadata> images;
  Result<void> result;
  while (result.ok() && images.size() < 10'000) {
    images.push_back(ImageBuilder().metadata("{\"x\":\"" + std::string(3000, 'x') + "\"}").build());
    result = store->insert(images.back(), {});
  }
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::storage_full);
  const auto refused = images.back();
  images.pop_back();
  ASSERT_GT(images.size(), 5u);
  EXPECT_FALSE(store->get(refused.image_id).ok());
  EXPECT_EQ(store->usage("ann")->images, images.size());
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(*store->get(images[i].image_id), images[i]) << "reads go on";
    EXPECT_TRUE(store->remove(images[i].image_id, 1).ok());
  }
  EXPECT_TRUE(store->insert(refused, {}).ok()) << "space was made";
  EXPECT_TRUE(store->check().ok());
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_free(message);
  sqlite3_close(db);
}

TEST(SqliteMetadataStoreTest, RefusesAFileOfANewerVersion) {
  const SqliteTestFolder folder;
  must_open(folder.options()).reset();
  run_sql(folder.database(), "PRAGMA user_version=99");
  const auto store = SqliteMetadataStore::create(folder.options());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().kind, ErrorKind::internal);
  EXPECT_NE(store.error().detail.find("schema version 99"), std::string::npos);
}

// What versions after the third added, for files made old again.
constexpr char kWithoutVersion4[] =
    "ALTER TABLE idempotency_keys DROP COLUMN seed;"
    "ALTER TABLE idempotency_keys DROP COLUMN holder;";

// A version 1 file: what version 2 added is taken away again.
TEST(SqliteMetadataStoreTest, MigratesAVersion1File) {
  const SqliteTestFolder folder;
  const auto image = ImageBuilder().tags({"cat", "dog"}).active().build();
  {
    auto store = must_open(folder.options());
    ASSERT_TRUE(store->insert(image, {}).ok());
  }
  run_sql(folder.database(), std::string(kWithoutVersion4) +
                                 "DROP TABLE image_hashes; DROP INDEX tag_counts_by_images;"
                                 "PRAGMA user_version=1");
  auto store = must_open(folder.options());
  EXPECT_EQ(*store->get(image.image_id), image);
  EXPECT_EQ(store->tag_counts({})->size(), 2u);
  store.reset();
  auto connection = SqliteConnection::open(folder.database(), SqliteConnection::Mode::read_only);
  EXPECT_EQ(**connection->integer("PRAGMA user_version"), current_schema_version());
}

// A version 2 file with images that have a hash, no hash, or are not active.
TEST(SqliteMetadataStoreTest, MigratingFillsTheIndexOfHashes) {
  const SqliteTestFolder folder;
  const auto image = ImageBuilder().active().looks("f0f0f0f0f0f0f0f0").build();
  {
    auto store = must_open(folder.options());
    ASSERT_TRUE(store->insert(image, {}).ok());
    ASSERT_TRUE(store->insert(ImageBuilder().active().build(), {}).ok());
    const auto trashed = ImageBuilder().deleted(kTestEpoch).looks("f0f0f0f0f0f0f0f0").build();
    ASSERT_TRUE(store->insert(trashed, {}).ok());
  }
  run_sql(folder.database(),
          std::string(kWithoutVersion4) + "DROP TABLE image_hashes; PRAGMA user_version=2");
  auto store = must_open(folder.options());
  ImageQuery query;
  query.similar_to = SimilarTo{ImageId(), 0xF0F0F0F0F0F0F0F3};
  for (const bool own : {false, true}) {
    if (own) query.user_id = "ann";
    const auto page = store->query(query);
    ASSERT_EQ(page->images.size(), 1u);
    EXPECT_EQ(page->images[0], image);
  }
  // The migrated rows are the ones that an update removes.
  ImageMetadata gone = image;
  gone.status = ImageStatus::deleted;
  ASSERT_TRUE(store->update(gone).ok());
  store.reset();
  auto connection = SqliteConnection::open(folder.database(), SqliteConnection::Mode::read_only);
  EXPECT_EQ(**connection->integer("SELECT count(*) FROM image_hashes"), 0);
}

// A version 3 file with a held key, which has no seed, and an answered one.
TEST(SqliteMetadataStoreTest, MigratingKeepsIdempotencyKeys) {
  const SqliteTestFolder folder;
  const auto request = [](std::string key, int second) {
    const Timestamp now = kTestEpoch + seconds(second);
    return IdempotencyRequest{std::move(key),      "f",   now, now + seconds(60),
                              now + seconds(3600), "seed"};
  };
  {
    auto store = must_open(folder.options());
    ASSERT_TRUE(store->begin_idempotent(request("held", 0)).ok());
    ASSERT_TRUE(store->begin_idempotent(request("answered", 0)).ok());
    ASSERT_TRUE(store->finish_idempotent("answered", "", {200, "", "yes"}).ok());
  }
  run_sql(folder.database(), std::string(kWithoutVersion4) + "PRAGMA user_version=3");
  auto store = must_open(folder.options());
  using Kind = IdempotencyState::Kind;
  EXPECT_EQ(store->begin_idempotent(request("answered", 1))->answer.body, "yes");
  EXPECT_EQ(store->begin_idempotent(request("held", 59))->kind, Kind::in_progress);
  const auto taken = *store->begin_idempotent(request("held", 60));
  EXPECT_EQ(taken.kind, Kind::fresh);
  EXPECT_EQ(taken.seed, "seed");
}

// Users with many images are searched in the lists of all users.
TEST(SqliteMetadataStoreTest, FindsSimilarImagesOfUsersWithMany) {
  const SqliteTestFolder folder;
  auto options = folder.options();
  options.query_budget = 600;
  {
    auto store = must_open(options);
    for (int i = 0; i < 40; ++i) {
      const auto hash = i % 4 == 0 ? "0123456789abcdef" : "0123456789abcdee";
      const auto user = i % 2 == 0 ? "ann" : "bob";
      ASSERT_TRUE(store->insert(ImageBuilder().user(user).active().looks(hash).build(), {}).ok());
    }
  }
  run_sql(folder.database(), "UPDATE user_usage SET images = 1000000 WHERE user_id = 'ann'");
  auto store = must_open(options);
  ImageQuery query = by_user("ann");
  query.similar_to = SimilarTo{ImageId(), 0x0123456789ABCDEF};
  query.limit = 7;
  std::size_t found = 0;
  for (;;) {
    const auto page = store->query(query);
    for (const auto& image : page->images) EXPECT_EQ(image.user_id, "ann");
    found += page->images.size();
    if (!page->next) break;
    query.after = page->next;
  }
  EXPECT_EQ(found, 20u);
}

TEST(SqliteMetadataStoreTest, ADamagedFileIsAClearError) {
  const SqliteTestFolder folder;
  std::ofstream(folder.database()) << std::string(20'000, 'x');
  const auto store = SqliteMetadataStore::create(folder.options());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().kind, ErrorKind::internal);
  EXPECT_NE(store.error().detail.find("damaged"), std::string::npos) << store.error().detail;
}

TEST(SqliteMetadataStoreTest, AMissingFolderIsAnError) {
  SqliteMetadataStore::Options options;
  options.folder = "/nonexistent/tintype";
  EXPECT_EQ(SqliteMetadataStore::create(options).error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace tintype::testing

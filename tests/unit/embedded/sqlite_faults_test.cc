// The SQLite store on a disk that fails: writes and syncs are made to fail below SQLite, in its
// interface to the operating system.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstring>

#include "conformance/metadata_store_factory.h"
#include "unit/embedded/sqlite_test_folder.h"

namespace tintype::testing {
namespace {

std::atomic<int> write_error{SQLITE_OK};  // what every write answers, unless SQLITE_OK
std::atomic<int> sync_error{SQLITE_OK};
// The unix VFS has one table of methods for databases and another for their logs.
struct Methods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods faulty{};
};
Methods methods_of_database;
Methods methods_of_log;

template <Methods& methods>
int faulty_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (const int error = write_error; error != SQLITE_OK) return error;
  return methods.real->xWrite(file, data, size, offset);
}

template <Methods& methods>
int faulty_sync(sqlite3_file* file, int flags) {
  if (const int error = sync_error; error != SQLITE_OK) return error;
  return methods.real->xSync(file, flags);
}

template <Methods& methods>
void exchange(sqlite3_file* file) {
  if (methods.real == nullptr) {
    methods.real = file->pMethods;
    methods.faulty = *methods.real;
    methods.faulty.xWrite = faulty_write<methods>;
    methods.faulty.xSync = faulty_sync<methods>;
  }
  if (file->pMethods == methods.real) file->pMethods = &methods.faulty;
}

// Opens through the system's VFS and exchanges the methods of the database and its log.
int faulty_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  auto* real = static_cast<sqlite3_vfs*>(vfs->pAppData);
  const int code = real->xOpen(real, name, file, flags, out);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) exchange<methods_of_database>(file);
  if ((flags & SQLITE_OPEN_WAL) != 0) exchange<methods_of_log>(file);
  return code;
}

// While it lives, new connections go through the faulty methods.
class FaultyDisk {
 public:
  FaultyDisk() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "tintype-faulty";
    vfs_.pNext = nullptr;
    vfs_.pAppData = real_;
    vfs_.xOpen = faulty_open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FaultyDisk() {
    heal();
    sqlite3_vfs_register(real_, 1);
    sqlite3_vfs_unregister(&vfs_);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  void heal() { write_error = sync_error = SQLITE_OK; }

 private:
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
};

TEST(SqliteFaultsTest, AFullDiskIsStorageFullUntilSpaceReturns) {
  FaultyDisk disk;
  const SqliteTestFolder folder;
  auto store = must_open(folder.options());
  const auto first = ImageBuilder().tags({"cat"}).description("sea").active().build();
  ASSERT_TRUE(store->insert(first, {}).ok());
  write_error = SQLITE_FULL;
  const auto second = ImageBuilder().tags({"cat"}).active().build();
  EXPECT_EQ(store->insert(second, {}).error().kind, ErrorKind::storage_full);
  EXPECT_EQ(store->update(first).error().kind, ErrorKind::storage_full);
  EXPECT_EQ(store->remove(first.image_id, 1).error().kind, ErrorKind::storage_full);
  EXPECT_EQ(store->check().error().kind, ErrorKind::storage_full);
  EXPECT_EQ(*store->get(first.image_id), first);
  EXPECT_EQ(store->get(second.image_id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(*store->usage("ann"), (Usage{1, 1000}));
  disk.heal();
  EXPECT_TRUE(store->check().ok());
  EXPECT_TRUE(store->insert(second, {}).ok());
  EXPECT_TRUE(store->update(first).ok());
  EXPECT_EQ(*store->tag_counts({}), (std::vector<TagCount>{{"cat", 2}}));
}

TEST(SqliteFaultsTest, AFailedCommitFailsTheWholeGroup) {
  FaultyDisk disk;
  const SqliteTestFolder folder;
  auto store = must_open(folder.options());
  sync_error = SQLITE_IOERR_FSYNC;
  std::atomic<int> failed{0};
  in_parallel(16, [&](int) {
    const auto result = store->insert(ImageBuilder().tags({"x"}).active().build(), {});
    if (!result.ok() && result.error().is(ErrorKind::internal)) ++failed;
  });
  EXPECT_EQ(failed, 16);
  EXPECT_EQ(*store->usage("ann"), Usage{});
  disk.heal();
  EXPECT_TRUE(store->insert(ImageBuilder().tags({"x"}).active().build(), {}).ok());
  EXPECT_EQ(*store->usage("ann"), (Usage{1, 1000}));
  store.reset();
  store = must_open(folder.options());
  EXPECT_EQ(store->scan({}, 100)->size(), 1u) << "what failed is not there after a restart";
}

TEST(SqliteFaultsTest, AReadOnlyFileIsAClearError) {
  FaultyDisk disk;
  const SqliteTestFolder folder;
  auto store = must_open(folder.options());
  write_error = SQLITE_READONLY;
  const auto result = store->insert(ImageBuilder().build(), {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::internal);
  EXPECT_NE(result.error().detail.find("read-only"), std::string::npos) << result.error().detail;
}

}  // namespace
}  // namespace tintype::testing

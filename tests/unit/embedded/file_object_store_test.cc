#include "adapters/embedded/file_object_store.h"

#include <fcntl.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "conformance/object_store_conformance.h"

namespace tintype::testing {
namespace {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder() {
    std::string path = (fs::temp_directory_path() / "tintype-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~TempFolder() { fs::remove_all(path_); }
  std::string path() const { return path_; }

  // Files in the folder of temporary names.
  std::size_t leftovers() const {
    const fs::path temp = fs::path(path_) / "objects/images/tmp";
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(temp), fs::directory_iterator()));
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }

 private:
  std::string path_;
};

// Fails or stops at the n-th call. After a stop nothing has any effect: the process is dead.
class FaultyFileSystem final : public FileSystem {
 public:
  void fail_at(unsigned n, int error) { arm(n, error, false); }
  void die_at(unsigned n) { arm(n, EIO, true); }
  void heal() { at_ = 0; }
  bool reached() const { return at_ != 0 && calls_ >= at_; }
  std::vector<std::string> trace;

  int open_at(int dir, const std::string& path, int flags, mode_t mode) override {
    return call("open", [&] { return FileSystem::open_at(dir, path, flags, mode); });
  }
  ssize_t write(int fd, const char* bytes, std::size_t size) override {
    return call("write", [&] { return FileSystem::write(fd, bytes, size); });
  }
  int fdatasync(int fd) override {
    return call("fdatasync", [&] { return FileSystem::fdatasync(fd); });
  }
  int fsync(int fd) override {
    return call("fsync", [&] { return FileSystem::fsync(fd); });
  }
  int syncfs(int fd) override {
    return call("syncfs", [&] { return FileSystem::syncfs(fd); });
  }
  int set_xattr(int fd, const char* name, const void* value, std::size_t size) override {
    return call("set_xattr", [&] { return FileSystem::set_xattr(fd, name, value, size); });
  }
  ssize_t get_xattr(int fd, const char* name, void* value, std::size_t size) override {
    return call("get_xattr", [&] { return FileSystem::get_xattr(fd, name, value, size); });
  }
  int link_fd(int fd, int dir, const std::string& path) override {
    return call("link", [&] { return FileSystem::link_fd(fd, dir, path); });
  }
  int rename_at(int dir, const std::string& from, const std::string& to, unsigned flags) override {
    return call("rename", [&] { return FileSystem::rename_at(dir, from, to, flags); });
  }
  int unlink_at(int dir, const std::string& path) override {
    return call("unlink", [&] { return FileSystem::unlink_at(dir, path); });
  }
  int make_dir_at(int dir, const std::string& path, mode_t mode) override {
    return call("mkdir", [&] { return FileSystem::make_dir_at(dir, path, mode); });
  }
  int remove_dir_at(int dir, const std::string& path) override {
    return call("rmdir", [&] { return FileSystem::remove_dir_at(dir, path); });
  }
  int access_at(int dir, const std::string& path, int mode) override {
    return call("access", [&] { return FileSystem::access_at(dir, path, mode); });
  }
  int stat_fd(int fd, struct stat& out) override {
    return call("stat", [&] { return FileSystem::stat_fd(fd, out); });
  }
  int stat_space(int fd, struct statvfs& out) override {
    return call("statvfs", [&] { return FileSystem::stat_space(fd, out); });
  }

 private:
  void arm(unsigned n, int error, bool dead) {
    calls_ = 0;
    at_ = n;
    error_ = error;
    dead_ = dead;
    trace.clear();
  }
  template <typename F>
  std::invoke_result_t<F> call(const char* name, F&& run) {
    ++calls_;
    if (at_ != 0 && (calls_ == at_ || (dead_ && calls_ > at_))) return -error_;
    trace.emplace_back(name);
    return run();
  }

  unsigned calls_ = 0;
  unsigned at_ = 0;
  int error_ = 0;
  bool dead_ = false;
};

std::unique_ptr<ObjectStoreUnderTest> make_files() {
  class Plain final : public ObjectStoreUnderTest {
   public:
    ObjectStore& store() override { return *store_; }
    std::size_t leftovers() override { return folder_.leftovers(); }

   private:
    TempFolder folder_;
    std::unique_ptr<FileObjectStore> store_ =
        std::move(FileObjectStore::create({.root = folder_.path()})).value();
  };
  return std::make_unique<Plain>();
}

// A file system that can do next to nothing: no O_TMPFILE, attributes, links or exchange.
std::unique_ptr<ObjectStoreUnderTest> make_poor_files() {
  class Poor final : public ObjectStoreUnderTest {
   public:
    ObjectStore& store() override { return *store_; }
    std::size_t leftovers() override { return folder_.leftovers(); }

   private:
    class PoorFileSystem final : public FileSystem {
     public:
      int open_at(int dir, const std::string& path, int flags, mode_t mode) override {
        if ((flags & O_TMPFILE) == O_TMPFILE) return -EOPNOTSUPP;
        return FileSystem::open_at(dir, path, flags, mode);
      }
      int set_xattr(int, const char*, const void*, std::size_t) override { return -EOPNOTSUPP; }
      ssize_t get_xattr(int, const char*, void*, std::size_t) override { return -EOPNOTSUPP; }
      int link_fd(int, int, const std::string&) override { return -EPERM; }
      int rename_at(int dir, const std::string& from, const std::string& to,
                    unsigned flags) override {
        return flags != 0 ? -EINVAL : FileSystem::rename_at(dir, from, to, flags);
      }
    };
    TempFolder folder_;
    PoorFileSystem fs_;
    std::unique_ptr<FileObjectStore> store_ =
        std::move(FileObjectStore::create({.root = folder_.path()}, fs_)).value();
  };
  return std::make_unique<Poor>();
}

INSTANTIATE_TEST_SUITE_P(Files, ObjectStoreConformance, ::testing::Values(&make_files));
INSTANTIATE_TEST_SUITE_P(PoorFiles, ObjectStoreConformance, ::testing::Values(&make_poor_files));

class FileObjectStoreFaults : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<FileObjectStore> open_store(FileSystem& system = real_file_system()) {
    auto made =
        FileObjectStore::create({.root = folder_.path(), .named_temp_files = GetParam()}, system);
    EXPECT_TRUE(made.ok()) << made.error().detail;
    return std::move(made).value();
  }
  std::string content(ObjectStore& store, std::string_view key) {
    const auto object = store.open(key);
    return object.ok() ? read_all(*object) : object.error().code;
  }
  TempFolder folder_;
};

constexpr const char* kKey = "originals/u/1/a.jpg";

TEST_P(FileObjectStoreFaults, AFailedPutLeavesTheKeyAsItWas) {
  for (const int error : {ENOSPC, EIO}) {
    for (const bool replacing : {false, true}) {
      bool reached = true;
      for (unsigned n = 1; reached; ++n) {
        FaultyFileSystem system;
        auto store = open_store(system);
        ASSERT_TRUE(store->remove(kKey).ok());
        if (replacing) {
          ASSERT_TRUE(put_bytes(*store, {.key = kKey}, "old").ok());
        }
        const std::size_t files = folder_.files();
        system.fail_at(n, error);
        const auto put = put_bytes(*store, {.key = kKey}, "new");
        reached = system.reached();
        system.heal();
        if (put.ok()) {
          EXPECT_EQ(content(*store, kKey), "new");
          continue;
        }
        EXPECT_EQ(put.error().kind,
                  error == ENOSPC ? ErrorKind::storage_full : ErrorKind::internal);
        EXPECT_EQ(content(*store, kKey), replacing ? "old" : "not_found") << n;
        EXPECT_EQ(folder_.leftovers(), 0u) << n;
        EXPECT_EQ(folder_.files(), files) << n;
      }
    }
  }
}

TEST_P(FileObjectStoreFaults, DyingAtAnyCallLeavesTheWholeObjectOrNothing) {
  for (const bool replacing : {false, true}) {
    bool reached = true;
    for (unsigned n = 1; reached; ++n) {
      if (replacing) ASSERT_TRUE(put_bytes(*open_store(), {.key = kKey}, "old").ok());
      else ASSERT_TRUE(open_store()->remove(kKey).ok());
      FaultyFileSystem system;
      bool acknowledged = false;
      {
        auto store = open_store(system);
        system.die_at(n);
        acknowledged = put_bytes(*store, {.key = kKey}, "new").ok();
        reached = system.reached();
      }
      auto store = open_store();
      const std::string found = content(*store, kKey);
      if (acknowledged) EXPECT_EQ(found, "new");
      else EXPECT_TRUE(found == "new" || found == (replacing ? "old" : "not_found")) << n << found;
      EXPECT_EQ(folder_.leftovers(), 0u) << n;
      const auto page = store->list("", "", 10);
      EXPECT_EQ(page->objects.size(), found == "not_found" ? 0u : 1u);
    }
  }
}

TEST_P(FileObjectStoreFaults, AFailedCopyOrRemoveIsReported) {
  bool reached = true;
  for (unsigned n = 1; reached; ++n) {
    FaultyFileSystem system;
    auto store = open_store(system);
    ASSERT_TRUE(put_bytes(*store, {.key = "incoming/x"}, "one").ok());
    ASSERT_TRUE(put_bytes(*store, {.key = kKey}, "old").ok());
    system.fail_at(n, EIO);
    const bool copied = store->copy("incoming/x", kKey).ok();
    reached = system.reached();
    system.heal();
    EXPECT_EQ(content(*store, kKey), copied ? "one" : "old") << n;
    EXPECT_EQ(folder_.leftovers(), copied ? folder_.leftovers() : 0u) << n;
  }
  FaultyFileSystem system;
  auto store = open_store(system);
  ASSERT_TRUE(put_bytes(*store, {.key = "a"}, "one").ok());
  system.fail_at(3, EIO);  // unlink, open of the folder, fsync
  EXPECT_EQ(store->remove("a").error().kind, ErrorKind::internal);
}

TEST_P(FileObjectStoreFaults, BytesAreDurableBeforeTheNameAndTheNameBeforeTheAnswer) {
  FaultyFileSystem system;
  auto store = open_store(system);
  ASSERT_TRUE(put_bytes(*store, {.key = "a"}, "warm the folder").ok());
  ASSERT_TRUE(store->remove("a").ok());
  system.trace.clear();
  ASSERT_TRUE(put_bytes(*store, {.key = "a"}, "x").ok());
  const auto at = [&](const char* name) {
    return std::find(system.trace.begin(), system.trace.end(), name);
  };
  const char* named = GetParam() ? "rename" : "link";
  EXPECT_LT(at("write"), at("set_xattr"));
  EXPECT_LT(at("set_xattr"), at("fdatasync"));
  EXPECT_LT(at("fdatasync"), at(named));
  EXPECT_LT(at(named), at("fsync"));
  EXPECT_EQ(system.trace.back(), "fsync");
}

TEST_P(FileObjectStoreFaults, ADiscardIsNotSyncedAndALaterRemoveIs) {
  FaultyFileSystem system;
  auto store = open_store(system);
  const auto syncs = [&] { return std::count(system.trace.begin(), system.trace.end(), "fsync"); };
  ASSERT_TRUE(put_bytes(*store, {.key = "incoming/1"}, "x").ok());
  system.trace.clear();
  ASSERT_TRUE(store->discard("incoming/1").ok());
  EXPECT_EQ(syncs(), 0);
  ASSERT_TRUE(store->remove("incoming/1").ok());
  EXPECT_EQ(syncs(), 1);
  ASSERT_TRUE(store->remove("incoming/1").ok());
  EXPECT_EQ(syncs(), 1);
}

TEST_P(FileObjectStoreFaults, ANewFolderIsSyncedWithItsFirstNameOnly) {
  FaultyFileSystem system;
  auto store = open_store(system);
  const auto syncs = [&](const std::string& key) {
    system.trace.clear();
    EXPECT_TRUE(put_bytes(*store, {.key = key}, "x").ok());
    return std::count(system.trace.begin(), system.trace.end(), "fsync");
  };
  EXPECT_EQ(syncs("renditions/1/a"), 2);  // the folder and its entry
  EXPECT_EQ(syncs("renditions/1/b"), 1);
  EXPECT_EQ(syncs("incoming/1"), 1);  // its folder was always there
}

TEST_P(FileObjectStoreFaults, AFailedPutIntoANewFolderCanBeRepeated) {
  bool reached = true;
  for (unsigned n = 1; reached; ++n) {
    FaultyFileSystem system;
    auto store = open_store(system);
    const std::string key = "renditions/" + std::to_string(n) + "/a";
    system.fail_at(n, EIO);
    const bool put = put_bytes(*store, {.key = key}, "x").ok();
    reached = system.reached();
    system.heal();
    EXPECT_EQ(content(*store, key), put ? "x" : "not_found") << n;
    EXPECT_TRUE(put_bytes(*store, {.key = key}, "x").ok()) << n;
    EXPECT_EQ(content(*store, key), "x") << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Unnamed, FileObjectStoreFaults, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Named, FileObjectStoreFaults, ::testing::Values(true));

TEST(FileObjectStore, RemovesWhatACrashLeft) {
  TempFolder folder;
  (void)FileObjectStore::create({.root = folder.path()}).value();
  std::FILE* file = std::fopen((folder.path() + "/objects/images/tmp/abc").c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fclose(file);
  EXPECT_EQ(folder.leftovers(), 1u);
  (void)FileObjectStore::create({.root = folder.path()}).value();
  EXPECT_EQ(folder.leftovers(), 0u);
}

TEST(FileObjectStore, RefusesWhatDoesNotFit) {
  TempFolder folder;
  auto store = FileObjectStore::create({.root = folder.path()}).value();
  EXPECT_EQ(store->put({.key = "a", .size = UINT64_MAX / 2}).error().kind, ErrorKind::storage_full);
  EXPECT_TRUE(store->check().ok());
  auto careful =
      FileObjectStore::create({.root = folder.path(), .min_free_bytes = UINT64_MAX}).value();
  EXPECT_EQ(careful->check().error().kind, ErrorKind::storage_full);
  EXPECT_EQ(careful->put({.key = "a"}).error().kind, ErrorKind::storage_full);
}

TEST(FileObjectStore, SurvivesReopeningAndKeepsLongNamesOut) {
  TempFolder folder;
  const std::string longest(255, 'k');
  {
    auto store = FileObjectStore::create({.root = folder.path()}).value();
    ASSERT_TRUE(put_bytes(*store, {.key = longest}, "x").ok());
    EXPECT_EQ(store->put({.key = longest + "k"}).error().code, "invalid_key");
    EXPECT_EQ(store->put({.key = std::string(250, '%')}).error().code, "invalid_key");
  }
  auto store = FileObjectStore::create({.root = folder.path()}).value();
  EXPECT_EQ(store->head(longest)->etag, hex_encode(sha256("x").substr(0, 16)));
}

TEST(FileObjectStore, CopiesWhatIsReplacedInTheMeantime) {
  // Removes the source right before it would get its second name.
  class Racing final : public FileSystem {
   public:
    std::function<void()> before_link = [] {};
    int link_fd(int fd, int dir, const std::string& path) override {
      std::exchange(before_link, [] {})();
      return FileSystem::link_fd(fd, dir, path);
    }
  } race;
  TempFolder folder;
  auto store = std::move(FileObjectStore::create({.root = folder.path()}, race)).value();
  auto writer = std::move(store->put({.key = "incoming/a"})).value();
  ASSERT_TRUE(writer->write("the bytes").ok());
  ASSERT_TRUE(writer->commit().ok());
  race.before_link = [&] { (void)store->remove("incoming/a"); };
  auto copied = store->copy("incoming/a", "originals/u/a/a.jpg");
  ASSERT_TRUE(copied.ok()) << copied.error().detail;
  EXPECT_EQ(store->head("originals/u/a/a.jpg")->size, 9u);
  EXPECT_FALSE(store->head("incoming/a").ok());
}

TEST(FileObjectStore, RefusesABucketThatIsNoFolderName) {
  TempFolder folder;
  for (const char* bucket : {"", "..", "a/b"}) {
    EXPECT_FALSE(
        FileObjectStore::create({.root = folder.path(), .presigner = {.bucket = bucket}}).ok());
  }
}

}  // namespace
}  // namespace tintype::testing

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/embedded/data_lock.h"

namespace tintype {
namespace {

class DataLockTest : public ::testing::Test {
 protected:
  DataLockTest() {
    std::string path = (std::filesystem::temp_directory_path() / "tintype-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~DataLockTest() override { std::filesystem::remove_all(path_); }
  std::string path_;
};

TEST_F(DataLockTest, MakesTheFolderAndIsFreeAgainAfterwards) {
  const std::string folder = path_ + "/a/b";
  ASSERT_TRUE(DataLock::acquire(folder).ok());
  EXPECT_TRUE(DataLock::acquire(folder).ok());
}

TEST_F(DataLockTest, AnotherProcessIsRefused) {
  const auto lock = DataLock::acquire(path_);
  ASSERT_TRUE(lock.ok());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto second = DataLock::acquire(path_);
    ::_exit(!second.ok() && second.error().is("data_in_use") ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const auto second = DataLock::acquire(path_);
  EXPECT_EQ(second.error().detail, "The data folder " + path_ + " is in use by another process.");
}

TEST_F(DataLockTest, SaysWhyAFolderCannotBeUsed) {
  std::ofstream(path_ + "/file") << "x";
  const auto below_a_file = DataLock::acquire(path_ + "/file/data");
  ASSERT_FALSE(below_a_file.ok());
  EXPECT_EQ(below_a_file.error().detail,
            "The data folder " + path_ + "/file/data cannot be made: Not a directory.");
  EXPECT_EQ(DataLock::acquire("/proc/tintype").error().kind, ErrorKind::internal);
  EXPECT_FALSE(
      DataLock::acquire("/proc").ok());  // no file can be made there, as on a read-only disk
}

}  // namespace
}  // namespace tintype

#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>

namespace tintype {
namespace {

int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

TEST(UniqueFd, ClosesWhatItOwns) {
  int fd = open_null();
  { UniqueFd owner(fd); }
  EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, MovesAndReleases) {
  UniqueFd empty;
  EXPECT_FALSE(empty);
  UniqueFd first(open_null());
  int fd = first.get();
  UniqueFd second(std::move(first));
  EXPECT_FALSE(first.valid());
  EXPECT_TRUE(second);
  empty = std::move(second);
  EXPECT_EQ(empty.get(), fd);
  UniqueFd& alias = empty;
  empty = std::move(alias);  // moving onto itself keeps it
  EXPECT_TRUE(is_open(fd));
  EXPECT_EQ(empty.release(), fd);
  EXPECT_TRUE(is_open(fd));
  UniqueFd(fd).reset();
  EXPECT_FALSE(is_open(fd));
}

}  // namespace
}  // namespace tintype

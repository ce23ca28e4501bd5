#include "imaging/own_program.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(OwnProgram, IsThatOfTheKernel) {
  EXPECT_EQ(own_program(), "/proc/self/exe");
  EXPECT_EQ(own_program("/usr/bin/tintype", "tintype"), "/proc/self/exe");
  EXPECT_EQ(own_program("/var/task/bootstrap", "/var/task/bootstrap"), "/proc/self/exe");
  EXPECT_EQ(own_program("", ""), "/proc/self/exe");
}

TEST(OwnProgram, IsTheOneThatStartedTheLoader) {
  EXPECT_EQ(own_program("/var/task/lib/ld-linux-x86-64.so.2", "/var/task/bootstrap"),
            "/var/task/bootstrap");
  EXPECT_EQ(own_program("/var/task/lib/ld-linux-aarch64.so.1", "/srv/bootstrap"), "/srv/bootstrap");
}

TEST(OwnProgram, ANameWithoutAPathIsNotBelieved) {
  EXPECT_EQ(own_program("/lib64/ld-linux-x86-64.so.2", "tintype"), "/proc/self/exe");
}

}  // namespace
}  // namespace tintype

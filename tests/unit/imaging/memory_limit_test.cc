#include "imaging/memory_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace tintype {
namespace {

using Files = std::vector<std::string>;

TEST(MemoryLimit, reads_what_the_kernel_writes) {
  EXPECT_EQ(parse_memory_limit("536870912\n"), 536'870'912u);
  EXPECT_EQ(parse_memory_limit("536870912"), 536'870'912u);
  EXPECT_EQ(parse_memory_limit("max\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit(""), std::nullopt);
  EXPECT_EQ(parse_memory_limit("-1\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit("0\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit("12 34\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit("99999999999999999999999\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit("9223372036854771712\n"), 9'223'372'036'854'771'712u);  // v1: none
}

TEST(MemoryLimit, looks_at_every_group_above) {
  EXPECT_EQ(memory_limit_files("0::/a.slice/b.service\n", "/r"),
            (Files{"/r/a.slice/b.service/memory.max", "/r/a.slice/memory.max", "/r/memory.max"}));
  EXPECT_EQ(memory_limit_files("0::/\n", "/r"), (Files{"/r/memory.max"}));
  EXPECT_EQ(memory_limit_files("4:cpu:/x\n3:hugetlb,memory:/docker/y\n", "/r"),
            (Files{"/r/memory/docker/y/memory.limit_in_bytes",
                   "/r/memory/docker/memory.limit_in_bytes", "/r/memory/memory.limit_in_bytes"}));
}

TEST(MemoryLimit, stays_below_the_root) {
  EXPECT_EQ(memory_limit_files("0::/../..\n", "/r"), (Files{"/r/memory.max"}));
  EXPECT_EQ(memory_limit_files("nonsense\n::\n0:\n", "/r"), (Files{"/r/memory.max"}));
  EXPECT_TRUE(memory_limit_files("", "/r").empty());
}

TEST(MemoryLimit, is_no_more_than_the_machine_has) {
  auto machine = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                 static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  EXPECT_GT(usable_memory(), 64ull << 20);
  EXPECT_LE(usable_memory(), machine);
}

}  // namespace
}  // namespace tintype

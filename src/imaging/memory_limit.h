// How much memory there is for this process: the machine's, or less where a control group says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tintype {

// The text of a limit file, `memory.max` (v2) or `memory.limit_in_bytes` (v1). Nothing when there
// is no limit (`max`) or when it cannot be read.
std::optional<std::uint64_t> parse_memory_limit(std::string_view text);

// The limit files that bind a process, by the text of its /proc/self/cgroup: of its own group and
// of every group above, v2 and v1, below `root`. Those of other namespaces may not exist.
std::vector<std::string> memory_limit_files(std::string_view membership, const std::string& root);

// Bytes of memory for this process. Reads /proc and /sys.
std::uint64_t usable_memory();

}  // namespace tintype

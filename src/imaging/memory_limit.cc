#include "imaging/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace tintype {
namespace {

constexpr std::uint64_t kAssumed = 1ull << 30;  // where not even the machine's memory is known

std::string read_small_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t machine_memory() {
  long pages = sysconf(_SC_PHYS_PAGES);
  long size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || size <= 0) return kAssumed;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

// `controllers` is the middle field of a line: empty for v2, a list with `memory` for v1.
bool lists_memory(std::string_view controllers) {
  return ("," + std::string(controllers) + ",").find(",memory,") != std::string::npos;
}

void add_group_and_parents(std::vector<std::string>& files, const std::string& base,
                           std::string_view group, std::string_view name) {
  while (true) {
    while (group.ends_with('/')) group.remove_suffix(1);
    files.push_back(base + std::string(group) + "/" + std::string(name));
    if (group.empty()) return;
    auto slash = group.rfind('/');
    group = group.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
}

// `0::/system.slice/x.service` or `5:memory:/docker/x`.
void add_files_of_line(std::vector<std::string>& files, std::string_view line,
                       const std::string& root) {
  auto first = line.find(':');
  auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return;
  std::string_view controllers = line.substr(first + 1, second - first - 1);
  std::string_view group = line.substr(second + 1);
  if (!group.starts_with('/') || group.find("/..") != std::string_view::npos) group = "/";
  if (controllers.empty()) add_group_and_parents(files, root, group, "memory.max");
  if (lists_memory(controllers))
    add_group_and_parents(files, root + "/memory", group, "memory.limit_in_bytes");
}

}  // namespace

std::optional<std::uint64_t> parse_memory_limit(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool only_space = std::all_of(end, text.data() + text.size(), [](char c) { return c == '\n'; });
  if (error != std::errc() || !only_space || value == 0) return std::nullopt;
  return value;
}

std::vector<std::string> memory_limit_files(std::string_view membership, const std::string& root) {
  std::vector<std::string> files;
  while (!membership.empty()) {
    auto end = std::min(membership.find('\n'), membership.size());
    add_files_of_line(files, membership.substr(0, end), root);
    membership.remove_prefix(std::min(end + 1, membership.size()));
  }
  return files;
}

std::uint64_t usable_memory() {
  std::uint64_t usable = machine_memory();
  for (const auto& path :
       memory_limit_files(read_small_file("/proc/self/cgroup"), "/sys/fs/cgroup"))
    if (auto limit = parse_memory_limit(read_small_file(path))) usable = std::min(usable, *limit);
  return usable;
}

}  // namespace tintype

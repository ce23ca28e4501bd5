// A command line cut into words as a shell does, without a shell. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tintype {

// Words end at blanks and line ends. Within '...' everything is itself; within "..." a backslash
// takes the special meaning from `"` and `\` alone; elsewhere from whatever follows. Nothing is
// expanded. As Python's shlex.split, which botocore uses. Nothing when a quote is not closed or the
// text ends with a backslash.
std::optional<std::vector<std::string>> split_words(std::string_view text);

}  // namespace tintype

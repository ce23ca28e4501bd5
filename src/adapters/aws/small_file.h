// Reading files that other programs write: profiles, tokens.
#pragma once

#include <string>

#include "base/result.h"

namespace tintype {

// The whole of a regular file (or what a link leads to) of at most `limit` bytes. Errors, their
// details naming the path: `not_found`; `forbidden`; `too_large`; `internal` for what is no file or
// cannot be read.
Result<std::string> read_small_file(const std::string& path, std::size_t limit);

}  // namespace tintype

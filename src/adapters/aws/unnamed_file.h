// A file that nobody else sees and that is gone when its descriptor is closed: where the bytes of
// an object wait on their way to or from S3.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tintype {

// In `folder`, or, when no file can be made there (a read-only container), in memory. Errors: those
// of system_error.
Result<UniqueFd> unnamed_file(const std::string& folder);
// TMPDIR, or /tmp.
std::string default_temp_folder();
// Writes all of `bytes` at `offset`. Errors: those of system_error.
Result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset);

}  // namespace tintype

// The inspection of one file, as a worker does it.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "domain/limits.h"
#include "imaging/heif_library.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// Sniffs the type, checks the limits on the header, decodes everything, and describes what it saw.
// `heif` is null where HEIC support is not installed. Errors: of failures.h.
Result<InspectAnswer> inspect_file(std::string_view file, const Limits& limits,
                                   const HeifLibrary* heif);

}  // namespace tintype

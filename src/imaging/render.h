// Renders one file, as a worker does it: one decode, any number of pictures.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/limits.h"
#include "domain/rendition_spec.h"
#include "imaging/heif_library.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// Writes one encoded picture per spec to `outputs`, empty files of the same number. `heif` is null
// where HEIC support is not installed. The specs are resolved. Errors: of failures.h.
Result<std::vector<RenderedFile>> render_file(std::string_view file,
                                              const std::vector<RenditionSpec>& specs,
                                              const RenderPolicy& policy, const Limits& limits,
                                              const HeifLibrary* heif,
                                              const std::vector<int>& outputs);

// Looks at every pixel of the file and describes it. `specs` are resolved by what was found, for
// the first frame and for clients that say nothing of formats, and rendered from the same decode:
// each becomes what render_file makes of the resolved spec.
Result<InspectAnswer> examine_file(std::string_view file, const std::vector<RenditionSpec>& specs,
                                   const RenderPolicy& policy, const Limits& limits,
                                   const HeifLibrary* heif, const std::vector<int>& outputs);

}  // namespace tintype

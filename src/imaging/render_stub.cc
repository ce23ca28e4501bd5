// Stands in until renditions are made: examinations look, and make none.
#include "imaging/failures.h"
#include "imaging/inspect.h"
#include "imaging/render.h"

namespace tintype {

__attribute__((weak)) Result<std::vector<RenderedFile>> render_file(
    std::string_view, const std::vector<RenditionSpec>&, const RenderPolicy&, const Limits&,
    const HeifLibrary*, const std::vector<int>&) {
  return unsupported_format("Renditions are not there yet.");
}

__attribute__((weak)) Result<InspectAnswer> examine_file(std::string_view file,
                                                         const std::vector<RenditionSpec>&,
                                                         const RenderPolicy&, const Limits& limits,
                                                         const HeifLibrary* heif,
                                                         const std::vector<int>&) {
  return inspect_file(file, limits, heif);
}

}  // namespace tintype

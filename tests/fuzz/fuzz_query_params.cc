// A query string, and the rendition in it: decoded, parsed, written canonically, and read again.
#include <cstdlib>

#include "handlers/query_params.h"
#include "handlers/rendition_query.h"

namespace {

using namespace tintype;

std::optional<RenditionSpec> read_query(std::string_view query) {
  std::vector<FieldError> errors;
  QueryParams params(query);
  auto spec = take_rendition(params, RenditionVariants(), errors);
  params.reject_others(errors);
  return errors.empty() ? spec : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto spec = read_query({reinterpret_cast<const char*>(data), size});
  if (!spec) return 0;
  auto text = rendition_params(*spec);
  auto again = text.empty() ? RenditionSpec() : read_query(text).value_or(RenditionSpec());
  if (again != *spec) std::abort();
  return 0;
}

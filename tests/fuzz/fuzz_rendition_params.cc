// The parameters of a rendition as a client sends them, one `name=value` per line.
#include <cstdlib>

#include "domain/rendition_spec.h"

namespace {

tintype::RenditionParams params_of(std::string_view text) {
  tintype::RenditionParams params;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto equals = std::min(line.find('='), line.size());
    params.emplace_back(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
  }
  return params;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  auto spec = parse_rendition(params_of({reinterpret_cast<const char*>(data), size}));
  if (!spec.ok()) return 0;
  if (canonical(*spec) != *spec) std::abort();
  auto resolved = resolve(*spec, MediaType::webp, ImageFacts{});
  if (resolve(resolved, MediaType::webp, ImageFacts{}) != resolved) std::abort();
  return 0;
}

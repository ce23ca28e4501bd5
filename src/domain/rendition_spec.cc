#include "domain/rendition_spec.h"

namespace tintype {

bool is_rendition_param(std::string_view) { return false; }

Result<RenditionSpec> parse_rendition(const RenditionParams&) { return RenditionSpec{}; }

std::string rendition_params(const RenditionSpec&) { return {}; }

std::uint8_t default_quality(MediaType) { return 80; }

RenditionSpec resolve(const RenditionSpec& spec, MediaType, const ImageFacts&) { return spec; }

std::string rendition_key(const RenditionSpec&) { return {}; }

std::string rendition_object(ImageId id, const RenditionSpec&) { return renditions_prefix(id); }

}  // namespace tintype

#include "handlers/rendition_query.h"

namespace tintype {
namespace {

void parse(const RenditionParams& given, RenditionSpec& spec, std::vector<FieldError>& errors) {
  auto parsed = parse_rendition(given);
  if (parsed.ok()) spec = std::move(*parsed);
  else
    for (auto& error : parsed.error().fields) errors.push_back(std::move(error));
}

// The variant's spec, with the format and quality that were asked for.
RenditionSpec parse_variant(const std::string& name, const RenditionParams& given,
                            const RenditionVariants& variants, std::vector<FieldError>& errors) {
  RenditionParams allowed;
  for (const auto& [key, value] : given) {
    if (key == "format" || key == "quality") allowed.emplace_back(key, value);
    else errors.push_back({key, "conflicting_field", "It cannot be chosen beside a variant."});
  }
  RenditionSpec chosen;
  parse(allowed, chosen, errors);
  const auto* variant = variants.find(name);
  if (!variant) errors.push_back({"variant", "invalid_value", "There is no variant of that name."});
  RenditionSpec spec = variant ? variant->spec : RenditionSpec();
  for (const auto& [key, value] : allowed) {
    if (key == "format") spec.format = chosen.format;
    if (key == "quality") spec.quality = chosen.quality;
  }
  return canonical(std::move(spec));
}

}  // namespace

std::optional<RenditionSpec> take_rendition(QueryParams& params, const RenditionVariants& variants,
                                            std::vector<FieldError>& errors) {
  auto variant = params.take("variant");
  auto given = params.take_all(is_rendition_param);
  if (!variant && given.empty()) return std::nullopt;
  RenditionSpec spec;
  if (variant) spec = parse_variant(*variant, given, variants, errors);
  else parse(given, spec, errors);
  return spec;
}

}  // namespace tintype

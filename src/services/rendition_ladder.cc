#include "services/rendition_ladder.h"

#include <unordered_set>

#include "services/rendition_content.h"

namespace tintype {

std::string rendition_origin(const RenditionPolicy& policy, std::string_view sha256_hex) {
  std::string origin = policy.engine;
  return origin.append(",").append(sha256_hex);
}

std::vector<RenditionSpec> ladder_specs(const ServiceContext& context) {
  std::vector<RenditionSpec> specs;
  if (!context.renditions.store) return specs;
  for (const auto& rung : context.renditions.variants.ladder()) specs.push_back(rung.spec);
  return specs;
}

Result<std::vector<Variant>> store_ladder(const ServiceContext& context, const ImageId& id,
                                          VerifiedUpload& verified) {
  auto& pictures = verified.examination.renditions;
  const auto origin = rendition_origin(context.renditions, verified.sha256_hex);
  const auto& ladder = context.renditions.variants.ladder();
  if (pictures.size() > ladder.size()) return internal_error("the engine made too many pictures");
  std::vector<Variant> variants;
  std::unordered_set<std::string> stored;  // rungs larger than the image are one picture
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    RenderedImage& picture = pictures[i];
    const auto spec = resolve(ladder[i].spec, picture.content_type, verified.examination.facts);
    // The engine makes the first frame only: an animated rung is made when it is asked for.
    if (spec.animated.value_or(false) && picture.frames < 2) continue;
    const auto object = rendition_object(id, spec, origin);
    if (stored.insert(object).second) {
      auto content = TRY(load_content(std::move(picture.fd), 0, picture.size, 0));
      TRY(put_content(context.objects, object, content));
    }
    variants.push_back(
        {ladder[i].name, picture.width, picture.height, picture.content_type, picture.size});
  }
  return variants;
}

void remove_renditions(const ServiceContext& context, const ImageId& id) {
  (void)context.objects.remove_prefix(renditions_prefix(id));
}

}  // namespace tintype

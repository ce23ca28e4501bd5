#include "services/render_image.h"

#include "domain/rendition_geometry.h"
#include "services/image_access.h"
#include "services/rendition_ladder.h"

namespace tintype {
namespace {

// Without a cache, only what can be sent together with the answer's head in one call is read.
constexpr std::uint64_t kReadWhole = 64 * 1024;

PlannedRendition planned(const RenditionPolicy& policy, const ImageMetadata& image,
                         const RenditionSpec& spec, MediaType format) {
  PlannedRendition rendition;
  rendition.spec = resolve(spec, format, *image.facts);
  const auto origin = rendition_origin(policy, image.sha256.value_or(""));
  rendition.object = rendition_object(image.image_id, rendition.spec, origin);
  // The key is the object's name: hashing once is enough for every request.
  const auto name = rendition.object.rfind('/') + 1;
  rendition.key = rendition.object.substr(name, rendition.object.rfind('.') - name);
  return rendition;
}

std::uint64_t result_pixels(const RenditionSpec& spec, const ImageFacts& facts) {
  auto size = plan_geometry(spec, turned(spec, {facts.width, facts.height})).result;
  return std::uint64_t{size.width} * size.height;
}

// Larger contents stay in their file.
std::uint64_t most_in_memory(const Renditions& renditions) {
  return renditions.memory.holds(kMaxCachedRendition) ? kMaxCachedRendition : kReadWhole;
}

RenditionContent remote_content(const PlannedRendition& wanted, std::uint64_t size) {
  RenditionContent content;
  content.object = wanted.object;
  content.size = size;
  return content;
}

std::optional<RenditionContent> find_remote(const ServiceContext& context,
                                            const PlannedRendition& wanted) {
  auto there = context.objects.head(wanted.object);
  if (!there.ok()) return std::nullopt;
  return remote_content(wanted, there->size);
}

std::optional<RenditionContent> find_content(const ServiceContext& context, Renditions& renditions,
                                             const PlannedRendition& wanted) {
  if (auto bytes = renditions.memory.find(wanted.object)) {
    auto size = bytes->size();
    return RenditionContent{std::move(bytes), nullptr, 0, size};
  }
  if (!context.renditions.store) return std::nullopt;
  if (!context.renditions.store_is_local) return find_remote(context, wanted);
  auto object = context.objects.open(wanted.object);
  if (!object.ok()) return std::nullopt;
  auto content = load_content(std::move(object->fd), object->offset, object->length,
                              most_in_memory(renditions));
  if (!content.ok()) return std::nullopt;
  if (content->bytes) renditions.memory.keep(wanted.object, content->bytes);
  return std::move(*content);
}

// Stores what was made, as far as it may and can be; says whether it is stored. Errors: the image
// was deleted meanwhile, and nobody shall get the picture any more; who deletes may have looked for
// renditions before this one was there, so it is removed here.
Result<bool> store_content(const ServiceContext& context, Renditions& renditions,
                           const ImageMetadata& image, const PlannedRendition& wanted,
                           const RenditionContent& content) {
  const auto& policy = context.renditions;
  bool stored =
      policy.store && renditions.counts.take(image.image_id, image.revision, policy.max_per_image);
  if (stored && !put_content(context.objects, wanted.object, content).ok()) {
    renditions.counts.give_back(image.image_id);
    stored = false;
  }
  auto still = find_active_image(context, image.image_id);
  if (still.ok()) return stored;
  if (stored && context.objects.remove(wanted.object).ok())
    renditions.counts.give_back(image.image_id);
  return std::move(still).error();
}

Result<OpenObject> open_original(const ServiceContext& context, const ImageMetadata& image) {
  auto object = context.objects.open(image.s3_key);
  if (object.ok() || !object.error().is(ErrorKind::not_found)) return object;
  TRY(find_active_image(context, image.image_id));  // purged since it was read, most likely
  return internal_error("the original of an active image is missing: " + image.s3_key);
}

Result<RenditionContent> make_content(const ServiceContext& context, Renditions& renditions,
                                      const ImageMetadata& image, const PlannedRendition& wanted,
                                      Deadline deadline) {
  // Whoever made it before may have finished since it was looked for.
  if (auto found = find_content(context, renditions, wanted)) return std::move(*found);
  auto original = TRY(open_original(context, image));
  auto pictures = TRY(context.images.render({original.fd.get(), original.info.size}, *image.facts,
                                            {wanted.spec}, context.limits, deadline));
  if (pictures.size() != 1) return internal_error("the image engine made no picture");
  auto content = TRY(load_content(std::move(pictures.front().fd), 0, pictures.front().size,
                                  most_in_memory(renditions)));
  const bool stored = TRY(store_content(context, renditions, image, wanted, content));
  if (stored && !context.renditions.store_is_local) return remote_content(wanted, content.size);
  if (content.bytes) renditions.memory.keep(wanted.object, content.bytes);
  return content;
}

Result<RenditionContent> make_once(const ServiceContext& context, Renditions& renditions,
                                   const ImageMetadata& image, const PlannedRendition& wanted,
                                   Deadline deadline) {
  return renditions.flights.run(wanted.object, deadline, [&] {
    return make_content(context, renditions, image, wanted, deadline);
  });
}

// One of the requests that may have a picture made at the same time.
class RenderTurn {
 public:
  RenderTurn(Renditions& renditions, std::uint32_t most)
      : under_way_(renditions.under_way), granted_(under_way_.fetch_add(1) < most) {}
  ~RenderTurn() { under_way_.fetch_sub(1); }
  RenderTurn(const RenderTurn&) = delete;
  RenderTurn& operator=(const RenderTurn&) = delete;
  bool granted() const { return granted_; }

 private:
  std::atomic<std::uint32_t>& under_way_;
  const bool granted_;
};

// Making it again would come to the same.
bool is_hopeless(const Error& error) {
  return error.is(ErrorKind::unprocessable) || error.is(ErrorKind::invalid);
}

// Runs in the background. False when there is no use in making it again: the picture cannot be
// made, or was made and could not be kept.
bool make_better(const ServiceContext& context, Renditions& renditions, const ImageId& id,
                 const PlannedRendition& wanted) {
  auto image = find_active_image(context, id);
  if (!image.ok()) return true;
  auto made = make_once(context, renditions, *image, wanted,
                        deadline_in(context.renditions.background_timeout));
  if (!made.ok()) return !is_hopeless(made.error());
  return find_content(context, renditions, wanted).has_value();
}

void order_better(const ServiceContext& context, Renditions& renditions, const ImageId& id,
                  const PlannedRendition& wanted) {
  if (!context.renditions.in_background) return;
  renditions.upgrades.push(wanted.object, [&context, &renditions, id, wanted] {
    return make_better(context, renditions, id, wanted);
  });
}

// Whether a better picture will soon take the place of the first.
bool awaits_better(const ServiceContext& context, const RenditionPlan& plan) {
  return plan.better.has_value() && context.renditions.in_background;
}

// Whether the better picture comes before any other one, and not in the background.
bool is_better_first(const Renditions& renditions, const RenditionPlan& plan) {
  return plan.better_at_once && !renditions.upgrades.is_given_up(plan.better->object);
}

// AVIF could not be made: the other picture if it is there, nothing if that may be made instead.
// Errors: the same, when making another one would fare no better.
Result<std::optional<ImageRendition>> without_better(const ServiceContext& context,
                                                     Renditions& renditions,
                                                     const RenditionPlan& plan,
                                                     const Error& failure) {
  const bool lacks_time_or_room =
      failure.is(ErrorKind::unavailable) || failure.is(ErrorKind::timeout);
  if (!lacks_time_or_room && !is_hopeless(failure)) return failure;
  if (!lacks_time_or_room) renditions.upgrades.give_up(plan.better->object);
  if (auto content = find_content(context, renditions, plan.first))
    return std::optional(ImageRendition{plan.first, std::move(*content), true});
  if (lacks_time_or_room) return failure;
  return std::optional<ImageRendition>();
}

}  // namespace

RenditionPlan plan_rendition(const RenditionPolicy& policy, const ImageMetadata& image,
                             const RenditionWish& wish) {
  const ImageFacts& facts = *image.facts;
  RenditionPlan plan;
  plan.first = planned(policy, image, wish.spec, choose_format(wish.spec, facts, wish.accepted));
  if (!prefers_avif(wish.spec, facts, wish.accepted)) return plan;
  plan.better = planned(policy, image, wish.spec, MediaType::avif);
  plan.better_at_once = result_pixels(plan.better->spec, facts) <= policy.avif_at_once;
  return plan;
}

std::optional<ImageRendition> find_rendition(const ServiceContext& context, Renditions& renditions,
                                             const ImageMetadata& image,
                                             const RenditionPlan& plan) {
  if (plan.better) {
    if (auto content = find_content(context, renditions, *plan.better))
      return ImageRendition{*plan.better, std::move(*content), false};
    if (is_better_first(renditions, plan)) return std::nullopt;
  }
  auto content = find_content(context, renditions, plan.first);
  if (!content) return std::nullopt;
  if (plan.better) order_better(context, renditions, image.image_id, *plan.better);
  return ImageRendition{plan.first, std::move(*content), awaits_better(context, plan)};
}

void want_better(const ServiceContext& context, Renditions& renditions, const ImageMetadata& image,
                 const RenditionPlan& plan) {
  if (plan.better) order_better(context, renditions, image.image_id, *plan.better);
}

Result<ImageRendition> render_image(const ServiceContext& context, Renditions& renditions,
                                    const ImageMetadata& image, const RenditionPlan& plan,
                                    Deadline deadline) {
  if (auto found = find_rendition(context, renditions, image, plan)) return std::move(*found);
  const RenderTurn turn(renditions, context.renditions.at_once);
  if (!turn.granted())
    return Error{ErrorKind::unavailable, "overloaded", "Too many pictures are being made.", {}};
  if (is_better_first(renditions, plan)) {
    auto content = make_once(context, renditions, image, *plan.better, deadline);
    if (content.ok()) return ImageRendition{*plan.better, std::move(*content), false};
    if (auto instead = TRY(without_better(context, renditions, plan, content.error())))
      return std::move(*instead);
  }
  auto content = TRY(make_once(context, renditions, image, plan.first, deadline));
  if (!plan.better_at_once) want_better(context, renditions, image, plan);
  return ImageRendition{plan.first, std::move(content), awaits_better(context, plan)};
}

}  // namespace tintype

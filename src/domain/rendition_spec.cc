#include "domain/rendition_spec.h"

#include "base/encoding.h"
#include "base/hash.h"
#include "domain/rendition_geometry.h"

namespace tintype {
namespace {

constexpr std::size_t kKeyCharacters = 24;

bool has_quality(MediaType format) { return format != MediaType::png && format != MediaType::gif; }

bool can_animate(MediaType format) { return format == MediaType::webp || format == MediaType::gif; }

void drop_what_no_size_needs(RenditionSpec& spec) {
  if (spec.width == 0 || spec.height == 0) spec.fit = Fit::inside;
  if (spec.width == 0 && spec.height == 0) spec.enlarge = false;
}

// Where a whole picture stands is a question of points alone.
void reset_gravity(RenditionSpec& spec) {
  bool point = spec.gravity.kind == Gravity::Kind::point;
  if (spec.fit == Fit::cover && !point) spec.gravity = {spec.gravity.kind, 5000, 5000};
  bool matters = spec.fit == Fit::cover || (spec.fit == Fit::contain && point);
  if (!matters) spec.gravity = {};
}

RenditionSpec sized(RenditionSpec spec, PixelSize size, Fit fit, bool enlarge) {
  spec.width = size.width;
  spec.height = size.height;
  spec.fit = fit;
  spec.enlarge = enlarge;
  return spec;
}

// The simplest spec whose plan for this source is `plan`, which neither cuts nor pads. It depends
// on nothing but the plan, so all ways of asking for a size become one.
RenditionSpec simplest(const RenditionSpec& spec, const RenditionGeometry& plan, PixelSize source) {
  auto [width, height] = plan.result;
  for (bool enlarge : {false, true}) {
    for (PixelSize size : {PixelSize{}, PixelSize{width, 0}, PixelSize{0, height}}) {
      auto candidate = sized(spec, size, Fit::inside, enlarge);
      if (plan_geometry(candidate, source) == plan) return candidate;
    }
  }
  auto stretched = sized(spec, plan.result, Fit::fill, false);
  stretched.enlarge = plan_geometry(stretched, source) != plan;
  return stretched;
}

// For a plan that cuts or pads: the size that comes out, and no gravity along a side that fits.
RenditionSpec simpler(const RenditionSpec& spec, const RenditionGeometry& plan, PixelSize source) {
  auto out = spec;
  for (bool enlarge : {true, false}) {
    auto candidate = sized(spec, plan.result, spec.fit, enlarge);
    if (plan_geometry(candidate, source) == plan) out = candidate;
  }
  if (out.gravity.kind != Gravity::Kind::point) return out;
  if (plan.scaled.width == plan.result.width) out.gravity.x = Gravity{}.x;
  if (plan.scaled.height == plan.result.height) out.gravity.y = Gravity{}.y;
  return out;
}

void settle_size(RenditionSpec& spec, PixelSize source) {
  auto plan = plan_geometry(spec, source);
  bool whole = plan.scaled == plan.result;
  spec = whole ? simplest(spec, plan, source) : simpler(spec, plan, source);
}

Color over_white(const Color& color) {
  auto mixed = [&](unsigned part) {
    return static_cast<std::uint8_t>((part * color.alpha + 255 * (255 - color.alpha) + 127) / 255);
  };
  return {mixed(color.red), mixed(color.green), mixed(color.blue), 255};
}

void settle_background(RenditionSpec& spec, bool has_alpha) {
  bool shows = has_alpha || spec.fit == Fit::contain;
  if (!shows) spec.background.reset();
  else if (spec.format == MediaType::jpeg)
    spec.background = over_white(spec.background.value_or(Color{0, 0, 0, 0}));
}

}  // namespace

std::uint8_t default_quality(MediaType format) {
  if (!has_quality(format)) return 100;
  if (format == MediaType::webp) return 75;
  return format == MediaType::avif ? 65 : 80;
}

RenditionSpec canonical(RenditionSpec spec) {
  drop_what_no_size_needs(spec);
  reset_gravity(spec);
  if (spec.format && !has_quality(*spec.format)) spec.quality = 0;
  if (spec.background && spec.background->alpha == 0) spec.background.reset();
  return spec;
}

RenditionSpec resolve(const RenditionSpec& spec, MediaType chosen, const ImageFacts& facts) {
  RenditionSpec out = canonical(spec);
  out.format = spec.format.value_or(chosen);
  if (out.quality == 0) out.quality = default_quality(*out.format);
  out.animated = facts.animated() && spec.animated != false && can_animate(*out.format);
  settle_size(out, turned(out, {facts.width, facts.height}));
  settle_background(out, facts.has_alpha);
  return canonical(out);
}

std::string rendition_key(const RenditionSpec& resolved, std::string_view policy) {
  std::string text(kRendererVersion);
  text.append("\n").append(policy).append("\n").append(rendition_params(resolved));
  return base64url_encode(sha256(text)).substr(0, kKeyCharacters);
}

std::string rendition_object(ImageId id, const RenditionSpec& resolved, std::string_view policy) {
  auto extension = file_extension(resolved.format.value_or(MediaType::jpeg));
  return renditions_prefix(id) + rendition_key(resolved, policy) + std::string(extension);
}

}  // namespace tintype

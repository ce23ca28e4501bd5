#include "domain/rendition_geometry.h"

#include <algorithm>
#include <utility>

namespace tintype {
namespace {

// value * numerator / denominator to the nearest pixel, at least 1.
std::uint32_t scaled_side(std::uint32_t value, std::uint32_t numerator, std::uint32_t denominator) {
  auto product = std::uint64_t{value} * numerator;
  auto nearest = (2 * product + denominator) / (2 * std::uint64_t{denominator});
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(nearest, 1));
}

PixelSize with_width(PixelSize shape, std::uint32_t width) {
  return {width, scaled_side(shape.height, width, shape.width)};
}

PixelSize with_height(PixelSize shape, std::uint32_t height) {
  return {scaled_side(shape.width, height, shape.height), height};
}

// True when `a` is wider for its height than `b`, or of the same shape.
bool is_as_wide(PixelSize a, PixelSize b) {
  return std::uint64_t{a.width} * b.height >= std::uint64_t{b.width} * a.height;
}

bool fits_into(PixelSize part, PixelSize whole) {
  return part.width <= whole.width && part.height <= whole.height;
}

// The largest of that shape inside the box.
PixelSize inside(PixelSize shape, PixelSize box) {
  return is_as_wide(shape, box) ? with_width(shape, box.width) : with_height(shape, box.height);
}

// The smallest of that shape around the box.
PixelSize around(PixelSize shape, PixelSize box) {
  return is_as_wide(shape, box) ? with_height(shape, box.height) : with_width(shape, box.width);
}

// The box, or the largest of its shape inside `most`.
PixelSize shrunk_to(PixelSize box, PixelSize most) {
  return fits_into(box, most) ? box : inside(box, most);
}

// A missing side is as long as a side may be.
PixelSize wanted_box(const RenditionSpec& spec) {
  auto side = [](std::uint32_t wanted) {
    return wanted == 0 ? kMaxRenditionSide : std::min(wanted, kMaxRenditionSide);
  };
  return {side(spec.width), side(spec.height)};
}

PixelSize plan_inside(PixelSize source, PixelSize box, bool enlarge) {
  return fits_into(source, box) && !enlarge ? source : inside(source, box);
}

PixelSize plan_outside(PixelSize source, PixelSize box, bool enlarge) {
  auto scaled = around(source, box);
  if (!enlarge && !fits_into(scaled, source)) scaled = source;
  PixelSize most{kMaxRenditionSide, kMaxRenditionSide};
  return fits_into(scaled, most) ? scaled : inside(source, most);
}

RenditionGeometry plan_cover(PixelSize source, PixelSize box, bool enlarge) {
  PixelSize most = source;
  PixelSize limit{kMaxScaledSide, kMaxScaledSide};
  if (enlarge && fits_into(source, limit)) most = inside(source, limit);
  auto scaled = around(source, box);
  if (fits_into(scaled, most)) return {scaled, box};
  return {most, inside(box, most)};
}

}  // namespace

RenditionGeometry plan_geometry(const RenditionSpec& spec, PixelSize source) {
  source = {std::max(source.width, 1u), std::max(source.height, 1u)};
  auto box = wanted_box(spec);
  bool both = spec.width > 0 && spec.height > 0;
  bool enlarge = spec.enlarge && (spec.width > 0 || spec.height > 0);
  auto fit = both ? spec.fit : Fit::inside;
  if (fit == Fit::cover) return plan_cover(source, box, enlarge);
  if (fit == Fit::contain) return {plan_inside(source, box, enlarge), box};
  auto size = plan_inside(source, box, enlarge);
  if (fit == Fit::fill) size = enlarge ? box : shrunk_to(box, source);
  if (fit == Fit::outside) size = plan_outside(source, box, enlarge);
  return {size, size};
}

PixelSize turned(const RenditionSpec& spec, PixelSize displayed) {
  bool on_its_side = spec.rotate == 90 || spec.rotate == 270;
  return on_its_side ? PixelSize{displayed.height, displayed.width} : displayed;
}

Result<void> check_rendition(const RenditionSpec& resolved, const ImageFacts& facts) {
  if (!resolved.animated.value_or(false)) return {};
  auto size = plan_geometry(resolved, turned(resolved, {facts.width, facts.height})).result;
  auto pixels = std::uint64_t{size.width} * size.height * facts.frames;
  if (pixels <= kMaxAnimationPixels) return {};
  return validation_error(
      {{"animated", "too_large",
        "All frames together would have " + std::to_string(pixels) + " pixels, of " +
            std::to_string(kMaxAnimationPixels) +
            " that are allowed: ask for a smaller width or height, or animated=false."}});
}

namespace {

constexpr std::uint64_t kPointScale = 10'000;

// Where the part begins on one axis: its middle nearest to the point, ties to the front.
std::uint32_t placed(std::uint32_t point, std::uint32_t whole, std::uint32_t part) {
  if (part >= whole) return 0;
  auto middle = 2 * std::uint64_t{point} * whole;
  auto half = kPointScale * part;
  if (middle <= half) return 0;
  auto nearest = (middle - half + kPointScale - 1) / (2 * kPointScale);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(nearest, whole - part));
}

}  // namespace

PixelOffset place(const Gravity& gravity, PixelSize whole, PixelSize part) {
  return {placed(gravity.x, whole.width, part.width), placed(gravity.y, whole.height, part.height)};
}

}  // namespace tintype

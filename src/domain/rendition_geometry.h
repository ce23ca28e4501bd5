// The arithmetic of renditions: what size everything gets. Pure functions; all sizes in pixels.
#pragma once

#include <cstdint>

#include "domain/rendition_spec.h"

namespace tintype {

struct PixelSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const PixelSize&) const = default;
};

// The picture is resized to `scaled`; then `result` is cut from it (never larger than it where the
// fit crops), or it is placed on a canvas of `result` (contain).
struct RenditionGeometry {
  PixelSize scaled;
  PixelSize result;
  bool operator==(const RenditionGeometry&) const = default;
};

// `source` is the size as displayed: EXIF orientation applied, and the spec's rotation too (see
// turned()). Rounding is to the nearest pixel, no side below 1.
//
// Without `enlarge` nothing is scaled up. `cover` and `fill` then shrink the box, keeping its
// shape, until the picture covers it; `contain` keeps its box.
//
// No side of a result is longer than kMaxRenditionSide, whether or not a size was asked for: the
// picture becomes smaller instead, keeping its shape. Enlarging for `cover` ends where a side of
// `scaled` would be longer than kMaxScaledSide, which only slivers reach; the box shrinks then.
inline constexpr std::uint32_t kMaxScaledSide = 32768;
RenditionGeometry plan_geometry(const RenditionSpec& spec, PixelSize source);

// Pixels of all frames of an animation together: they are held in memory until it is written.
inline constexpr std::uint64_t kMaxAnimationPixels = 50'000'000;

// Whether the picture that a resolved spec asks for can be made at all of an image like this.
// Errors: `invalid`, naming the parameters.
Result<void> check_rendition(const RenditionSpec& resolved, const ImageFacts& facts);

// The size after the spec's rotation.
PixelSize turned(const RenditionSpec& spec, PixelSize displayed);

// Left and top of a box cut out of (or of a picture placed on) something larger, by a point of
// gravity. The point is where the center of the box tends to, as far as it can: 0 is the first
// pixel, 10000 the last.
struct PixelOffset {
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  bool operator==(const PixelOffset&) const = default;
};
PixelOffset place(const Gravity& gravity, PixelSize whole, PixelSize part);

}  // namespace tintype

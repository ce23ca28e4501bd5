// Random specs and images for the property tests of renditions.
#pragma once

#include <random>

#include "domain/rendition_geometry.h"
#include "domain/rendition_spec.h"

namespace tintype {

class RenditionSamples {
 public:
  explicit RenditionSamples(unsigned seed) : random_(seed) {}

  std::uint32_t number(std::uint32_t min, std::uint32_t max) {
    return std::uniform_int_distribution<std::uint32_t>(min, max)(random_);
  }
  bool coin() { return number(0, 1) == 1; }

  // Small and large ones alike, and each end.
  std::uint32_t side(std::uint32_t max) {
    auto kind = number(0, 9);
    if (kind == 0) return 1;
    if (kind == 1) return max;
    return number(1, kind < 6 ? std::min(max, 600u) : max);
  }

  PixelSize source() { return {side(32768), side(32768)}; }

  // As the parameters could give it, not yet canonical.
  RenditionSpec raw_spec() {
    RenditionSpec spec;
    if (number(0, 3)) spec.width = side(kMaxRenditionSide);
    if (number(0, 3)) spec.height = side(kMaxRenditionSide);
    spec.fit = static_cast<Fit>(number(0, 4));
    spec.enlarge = coin();
    if (coin()) spec.gravity = gravity();
    static constexpr MediaType kFormats[] = {MediaType::jpeg, MediaType::webp, MediaType::avif,
                                             MediaType::png, MediaType::gif};
    if (coin()) spec.format = kFormats[number(0, 4)];
    if (coin()) spec.quality = static_cast<std::uint8_t>(number(1, 100));
    if (coin()) spec.background = color();
    if (coin()) spec.blur = static_cast<std::uint16_t>(number(30, 10000));
    if (coin()) spec.sharpen = static_cast<std::uint16_t>(number(30, 1000));
    spec.rotate = static_cast<std::uint16_t>(90 * number(0, 3));
    spec.mirror = coin();
    spec.grayscale = coin();
    if (coin()) spec.animated = coin();
    return spec;
  }

  Gravity gravity() {
    auto place = [&] { return static_cast<std::uint16_t>(number(0, 10000)); };
    return {static_cast<Gravity::Kind>(number(0, 2)), place(), place()};
  }

  Color color() {
    auto part = [&] { return static_cast<std::uint8_t>(number(0, 255)); };
    static constexpr std::uint8_t kAlphas[] = {0, 1, 128, 255};
    return {part(), part(), part(), kAlphas[number(0, 3)]};
  }

  ImageFacts facts() {
    ImageFacts facts;
    auto size = source();
    facts.width = size.width;
    facts.height = size.height;
    facts.frames = coin() ? 1 : 12;
    facts.has_alpha = coin();
    return facts;
  }

 private:
  std::mt19937 random_;
};

}  // namespace tintype

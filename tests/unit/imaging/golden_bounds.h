// How far a rendition may be from the reference.
#pragma once

#include "domain/media_type.h"
#include "support/pictures.h"

namespace tintype {

inline constexpr MediaType kGoldenFormats[] = {MediaType::png, MediaType::jpeg, MediaType::webp,
                                               MediaType::avif, MediaType::gif};

// At quality 95; PNG shows the resizing itself, the others their encoder as well. WebP keeps
// colours at half the resolution, so that only lightness can be held tightly.
inline pictures::Difference golden_bound(MediaType format) {
  switch (format) {
    case MediaType::png: return {{0.5, 1.5}, {0.4, 1.2}};
    case MediaType::webp: return {{4.5, 20}, {1.2, 3.5}};
    case MediaType::gif: return {{3, 7}, {1.5, 4.5}};
    default: return {{1.8, 4.5}, {0.8, 2.5}};
  }
}

inline bool is_within(const pictures::Distance& apart, const pictures::Distance& bound) {
  return apart.mean <= bound.mean && apart.most <= bound.most;
}
inline bool is_golden(const pictures::Picture& made, const pictures::Picture& expected,
                      MediaType format) {
  const auto bound = golden_bound(format);
  const auto apart = pictures::difference(made, expected);
  return is_within(apart.color, bound.color) && is_within(apart.lightness, bound.lightness);
}

}  // namespace tintype

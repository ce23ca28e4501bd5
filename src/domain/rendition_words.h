// The words that stand for a rendition's choices in parameters.
#pragma once

#include <string_view>

#include "domain/media_type.h"

namespace tintype {

// In the order of Fit.
inline constexpr std::string_view kFitWords[] = {"inside", "cover", "contain", "fill", "outside"};

// What a rendition can be.
inline constexpr MediaType kRenditionFormats[] = {MediaType::jpeg, MediaType::webp, MediaType::avif,
                                                  MediaType::png, MediaType::gif};

// `jpeg`, `webp`, ...
inline std::string_view format_word(MediaType type) {
  return media_type_name(type).substr(std::string_view("image/").size());
}

}  // namespace tintype

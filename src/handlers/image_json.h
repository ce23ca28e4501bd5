// The JSON form of an image (CONTRACT: The image).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "domain/image_metadata.h"

namespace tintype {

// Which fields to write: one bit for each, in the order of the contract.
using FieldMask = std::uint64_t;
inline constexpr FieldMask kAllFields = ~FieldMask{0};

inline constexpr std::size_t kTypicalImageBytes = 1200;  // of JSON, to reserve

struct ImageView {
  std::string_view public_url;  // what links start with
  FieldMask fields = kAllFields;
  bool include_location = false;  // GPS, for its owner alone
};

// The mask for `fields=a,b,c`. Unknown names are added to `errors`.
FieldMask parse_fields(std::string_view list, std::vector<FieldError>& errors);

void append_image(std::string& out, const ImageMetadata& image, const ImageView& view);

}  // namespace tintype

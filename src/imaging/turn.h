// The eight ways to lay a picture down: what EXIF orientation asks for, what rotate and flip ask
// for, and both after each other.
#pragma once

#include <cstdint>

#include "domain/rendition_geometry.h"

namespace tintype {

// Quarter turns clockwise, then perhaps left and right exchanged.
struct Turn {
  std::uint8_t quarters = 0;
  bool mirror = false;
  bool operator==(const Turn&) const = default;
  bool swaps_sides() const { return quarters % 2 == 1; }
};

// Of EXIF's orientations 1 to 8 (CIPA DC-008 §4.6.5).
Turn turn_of_orientation(std::uint8_t orientation);
Turn turn_of_spec(const RenditionSpec& spec);
Turn then(Turn first, Turn second);
PixelSize turned_by(Turn turn, PixelSize size);

}  // namespace tintype

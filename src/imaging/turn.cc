#include "imaging/turn.h"

namespace tintype {

Turn turn_of_orientation(std::uint8_t orientation) {
  switch (orientation) {
    case 2: return {0, true};
    case 3: return {2, false};
    case 4: return {2, true};
    case 5: return {1, true};
    case 6: return {1, false};
    case 7: return {3, true};
    case 8: return {3, false};
    default: return {};
  }
}

Turn turn_of_spec(const RenditionSpec& spec) {
  return {static_cast<std::uint8_t>(spec.rotate / 90 % 4), spec.mirror};
}

// A turn after a mirror is the opposite turn before it.
Turn then(Turn first, Turn second) {
  const int more = first.mirror ? 4 - second.quarters : second.quarters;
  return {static_cast<std::uint8_t>((first.quarters + more) % 4), first.mirror != second.mirror};
}

PixelSize turned_by(Turn turn, PixelSize size) {
  return turn.swaps_sides() ? PixelSize{size.height, size.width} : size;
}

}  // namespace tintype

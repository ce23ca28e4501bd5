// Properties given to AVIF and HEIC files (ISO/IEC 14496-12, ISO/IEC 23008-12).
#pragma once

#include <cstdint>
#include <string>

namespace tintype::samples {

// The file with a box more among its properties, which the primary picture has from then on, after
// those that it has. For files laid out as libvips and the sample HEIC are.
std::string with_heif_property(const std::string& file, const std::string& box);

// How the colours are coded, by numbers of H.273.
std::string nclx_box(std::uint16_t primaries, std::uint16_t transfer);
// Turns the picture by quarters against the clock.
std::string irot_box(int quarters);
// Mirrors it: 0 exchanges top and bottom, 1 left and right.
std::string imir_box(int axis);

}  // namespace tintype::samples

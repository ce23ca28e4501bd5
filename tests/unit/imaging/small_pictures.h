// Small pictures for tests of what is computed from them: painted ones, and real photos.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "imaging/small_picture.h"

namespace tintype::testing {

using Rgba = std::array<int, 4>;

inline SmallPicture painted(std::uint32_t width, std::uint32_t height,
                            const std::function<Rgba(int x, int y)>& colour) {
  SmallPicture picture{width, height, {}};
  for (int y = 0; y < static_cast<int>(height); ++y)
    for (int x = 0; x < static_cast<int>(width); ++x)
      for (const int value : colour(x, y))
        picture.rgba.push_back(static_cast<std::uint8_t>(value & 0xFF));
  return picture;
}

// A scene of soft blobs at places that `seed` decides, `width` x `height` whatever it shows: the
// same seed in another size is the same scene.
SmallPicture scene(unsigned seed, std::uint32_t width, std::uint32_t height);

// The paths of the photos in the folder that TINTYPE_PHOTOS names; empty when it is not set.
std::vector<std::string> photo_paths();

struct CopyOptions {
  double scale = 1;   // of the sides
  int quality = 0;    // of the JPEG that the copy went through; 0: none
  double gain = 1;    // brightness
  double margin = 0;  // cut off on each side, as a part of it
};

// A photo, changed and made small as the worker does it.
SmallPicture small_photo(const std::string& path, const CopyOptions& options = {});

}  // namespace tintype::testing

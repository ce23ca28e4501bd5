// Pictures for golden tests: a scene to be encoded in every way, an independent reference of what
// becomes of it, and how far two pictures are apart. All of it by libvips, none by Tintype.
//
// What fails ends the process, so results need no check.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <vips/vips.h>

namespace tintype::pictures {

using Picture = std::shared_ptr<VipsImage>;

// Detail of every kind: smooth colour, one-pixel lines, edges, and no symmetry at all. 1 to 4 bands
// of 8 bits; even band numbers have alpha.
Picture scene(int width, int height, int bands);
// Several scenes below each other, each a little different.
Picture moving_scene(int width, int height, int bands, int frames);

enum class Encoding {
  jpeg,
  progressive_jpeg,
  cmyk_jpeg,
  gray_jpeg,
  png,
  png_16,
  png_palette,
  png_alpha,
  png_gray,
  png_gray_alpha,
  webp,
  webp_lossless,
  webp_alpha,
  webp_animated,
  gif,
  gif_animated,
  avif,
};
const char* name_of(Encoding encoding);
std::vector<Encoding> all_encodings();
// The scene as a file.
std::string encoded(Encoding encoding, int width, int height);
// Any picture as a file: `.png`, `.jpg[Q=90]`, ..., as vips_image_write_to_buffer understands it.
std::string written(const Picture& picture, const std::string& suffix);

// One frame as RGBA in sRGB, 8 bits, by the file's own profile; as stored, without orientation.
Picture decoded(const std::string& file, int frame = 0);

// In linear light with alpha premultiplied, by Lanczos (smaller) or a cubic (larger).
Picture resized(const Picture& picture, int width, int height);
// The classic mistake: in the coded values.
Picture resized_in_gamma(const Picture& picture, int width, int height);
Picture turned(const Picture& picture, int quarters, bool mirror);
Picture cropped(const Picture& picture, int left, int top, int width, int height);
Picture placed(const Picture& picture, int left, int top, int width, int height,
               const std::vector<double>& color);
// A picture of 4 bands over a colour, by the formula of Porter and Duff.
Picture over(const Picture& picture, const std::vector<double>& color, double alpha);
Picture flattened(const Picture& picture, const std::vector<double>& color);
Picture with_red_and_blue_swapped(const Picture& picture);

// Any operation of libvips with one picture in and one out.
template <typename Step>
Picture changed(const Picture& picture, Step step) {
  VipsImage* out = nullptr;
  if (step(picture.get(), &out) != 0) vips_error_exit("a picture of a test");
  return Picture(out, g_object_unref);
}

// Distances of colours (CIE 1976, in Lab; 1 is barely seen), over white or over black, whichever is
// larger: of all pixels on average, and what 95 of 100 do not exceed. 100 for unequal sizes.
struct Distance {
  double mean = 0;
  double most = 0;
};
struct Difference {
  Distance color;
  Distance lightness;  // which encoders keep where they halve the resolution of colours
};
Difference difference(const Picture& a, const Picture& b);
Distance distance(const Picture& a, const Picture& b);

}  // namespace tintype::pictures

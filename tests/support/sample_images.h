// Test images made in memory: valid ones of every accepted type, and the hostile and broken ones
// that users and attackers send. The same call always gives the same bytes.
//
// A picture of `width` x `height` is a colour gradient. The libvips-made ones end the process when
// libvips fails, so their results need no check.
#pragma once

#include <cstdint>
#include <string>

namespace tintype::samples {

// Valid images, made by libvips.
std::string jpeg(int width = 64, int height = 48);
std::string progressive_jpeg(int width = 64, int height = 48);
std::string cmyk_jpeg(int width = 64, int height = 48);  // with a CMYK profile
std::string png(int width = 64, int height = 48);        // RGB, 8 bit
std::string png_with_alpha(int width = 64, int height = 48);
std::string png_16_bit(int width = 64, int height = 48);
std::string p3_png(int width = 64, int height = 48);         // with a Display P3 profile
std::string webp(int width = 64, int height = 48);           // lossy
std::string lossless_webp(int width = 64, int height = 48);  // with alpha
std::string animated_webp(int frames, int width = 64, int height = 48);
std::string gif(int width = 64, int height = 48);
std::string animated_gif(int frames, int width = 64, int height = 48);
std::string avif(int width = 64, int height = 48);

// A small HEIC file: 64 x 48 stored, turned by its own rotation to 48 x 64, with an EXIF
// orientation of 6 that repeats the rotation and must not be applied a second time.
std::string heic();

// What a camera would write: a complete EXIF block (big-endian TIFF structure).
struct ExifSample {
  int orientation = 1;
  bool camera = false;  // Tintype Works, Model 1, lens, 1/250 s, f/2.8, ISO 200, 35 mm, ...
  bool gps = false;     // 52° 31' 12" N, 13° 24' 36" W, 34.5 m below sea level
};
std::string exif_block(const ExifSample& exif);
std::string with_exif(const std::string& jpeg, const ExifSample& exif);

// Hostile and broken files, made by hand.
std::string truncated(const std::string& file, double keep = 0.5);
std::string corrupt_header_jpeg();                  // right signature, then nonsense
std::string huge_png();                             // claims 50,000 x 50,000 pixels in a few KB
std::string many_frames_gif(int frames = 100'000);  // 1 x 1 pixel each, 19 bytes a frame
std::string zero_size_png();
std::string icc_bomb_png(
    std::uint64_t profile_bytes = 400'000'000);  // 1 x 1, its profile inflates to that
std::string text_bomb_png(int chunks, std::uint64_t chunk_bytes);  // 1 x 1 with compressed texts
std::string text();                                                // a text file
std::string svg();
std::string tiff();

}  // namespace tintype::samples

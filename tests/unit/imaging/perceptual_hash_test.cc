#include "imaging/perceptual_hash.h"

#include <gtest/gtest.h>

#include <cmath>

#include "domain/hash_distance.h"
#include "small_pictures.h"

namespace tintype {
namespace {

using testing::painted;
using testing::Rgba;
using testing::scene;

int distance(const SmallPicture& a, const SmallPicture& b) {
  return hash_distance(parse_perceptual_hash(perceptual_hash(a)).value(),
                       parse_perceptual_hash(perceptual_hash(b)).value());
}

// Applies `change` to every colour value.
SmallPicture changed(SmallPicture picture,
                     const std::function<double(double, std::size_t)>& change) {
  for (std::size_t i = 0; i < picture.rgba.size(); ++i)
    if (i % 4 != 3)
      picture.rgba[i] =
          static_cast<std::uint8_t>(std::min(255.0, std::max(0.0, change(picture.rgba[i], i))));
  return picture;
}

TEST(PerceptualHash, is_16_hex_digits_with_about_as_many_ones_as_zeros) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto text = perceptual_hash(scene(seed, 90, 60));
    EXPECT_EQ(text.size(), 16u);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_LE(std::popcount(*parse_perceptual_hash(text)), 32) << text;
    EXPECT_GE(std::popcount(*parse_perceptual_hash(text)), 24) << text;
  }
}

// The bits' places are part of the stored format: they must not move.
TEST(PerceptualHash, has_known_values) {
  auto wave = [](int across, int down) {
    return perceptual_hash(painted(32, 32, [=](int x, int y) {
      const double value = std::cos(3.14159265 / 32 * (x + 0.5) * across) *
                           std::cos(3.14159265 / 32 * (y + 0.5) * down);
      const int grey = static_cast<int>(std::lround(128 + 100 * value));
      return Rgba{grey, grey, grey, 255};
    }));
  };
  EXPECT_EQ(wave(1, 0), "4000000000000000");
  EXPECT_EQ(wave(0, 1), "0080000000000000");
  EXPECT_EQ(wave(7, 7), "0000000000000001");
  EXPECT_EQ(wave(8, 0), "8000000000000000");
}

TEST(PerceptualHash, survives_another_size_and_shape) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto whole = scene(seed, 100, 75);
    EXPECT_LE(distance(whole, scene(seed, 50, 37)), 4) << seed;
    EXPECT_LE(distance(whole, scene(seed, 75, 100)), 4) << seed;
    EXPECT_LE(distance(whole, scene(seed, 20, 15)), kSimilarDistance) << seed;
  }
}

TEST(PerceptualHash, survives_brightness_contrast_and_noise) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto whole = scene(seed, 100, 75);
    auto same = [&](const std::function<double(double, std::size_t)>& change) {
      EXPECT_LE(distance(whole, changed(whole, change)), kSimilarDistance) << seed;
    };
    same([](double v, std::size_t) { return v * 0.8; });
    same([](double v, std::size_t) { return v * 0.8 + 40; });
    same([](double v, std::size_t i) { return v + static_cast<double>(i * 7919 % 17) - 8; });
  }
}

TEST(PerceptualHash, tells_scenes_apart) {
  for (unsigned a = 0; a < 20; ++a)
    for (unsigned b = 0; b < a; ++b)
      EXPECT_GT(distance(scene(a, 80, 60), scene(b, 80, 60)), kSimilarDistance) << a << " " << b;
}

TEST(PerceptualHash, sees_transparent_as_white) {
  const auto opaque = painted(40, 40, [](int x, int y) {
    return (x / 10 + y / 13) % 3 == 0 ? Rgba{20, 40, 60, 255} : Rgba{255, 255, 255, 255};
  });
  auto clear = opaque;
  for (std::size_t i = 0; i < clear.rgba.size(); i += 4)
    if (clear.rgba[i] == 255) clear.rgba[i] = clear.rgba[i + 3] = 0;
  EXPECT_EQ(perceptual_hash(clear), perceptual_hash(opaque));
}

TEST(PerceptualHash, of_a_plain_picture_holds_no_noise) {
  const auto plain = painted(50, 40, [](int, int) { return Rgba{90, 120, 200, 255}; });
  auto speckled = plain;
  speckled.rgba[4000] ^= 1;
  EXPECT_EQ(perceptual_hash(plain), "0000000000000000");
  EXPECT_EQ(perceptual_hash(speckled), "0000000000000000");
}

TEST(PerceptualHash, of_no_picture_is_empty) {
  EXPECT_EQ(perceptual_hash({}), "");
  EXPECT_EQ(perceptual_hash({2, 2, {1, 2, 3}}), "");
}

TEST(PerceptualHash, of_photos_survives_what_happens_to_photos) {
  const auto paths = testing::photo_paths();
  if (paths.empty()) {
    std::puts("*** SKIPPED: set TINTYPE_PHOTOS to compare the hashes of real photos ***");
    GTEST_SKIP();
  }
  std::vector<SmallPicture> originals;
  for (const auto& path : paths) originals.push_back(testing::small_photo(path));
  auto worst = [&](const char* what, const testing::CopyOptions& options) {
    int greatest = 0;
    for (std::size_t i = 0; i < paths.size(); ++i)
      greatest =
          std::max(greatest, distance(originals[i], testing::small_photo(paths[i], options)));
    std::printf("  %-34s greatest distance %d of %zu\n", what, greatest, paths.size());
    return greatest;
  };
  EXPECT_LE(worst("half size, quality 50", {.scale = 0.5, .quality = 50}), 6);
  EXPECT_LE(worst("a tenth, quality 20", {.scale = 0.1, .quality = 20}), kSimilarDistance);
  EXPECT_LE(worst("brighter by 15 %", {.gain = 1.15}), kSimilarDistance);
  EXPECT_LE(worst("darker by 20 %", {.gain = 0.8}), kSimilarDistance);
  EXPECT_LE(worst("1 % cut off each side", {.margin = 0.01}), kSimilarDistance);
  EXPECT_LE(worst("2 % cut off each side", {.margin = 0.02}), kSimilarDistance);
  int least = 64;
  for (std::size_t a = 0; a < originals.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      least = std::min(least, distance(originals[a], originals[b]));
  std::printf("  %-34s least distance %d\n", "different photos", least);
  EXPECT_GE(least, 18);
}

}  // namespace
}  // namespace tintype

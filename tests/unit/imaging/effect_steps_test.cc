// Blur and sharpening, against what libvips makes in floating point at full size.
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

#include "support/pictures.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using pictures::changed;
using pictures::Picture;

// The Gaussian itself, to where it has fallen to a thousandth.
Picture blurred(const Picture& picture, double sigma) {
  auto step = changed(
      picture, [](VipsImage* in, VipsImage** out) { return vips_premultiply(in, out, nullptr); });
  step = changed(step, [&](VipsImage* in, VipsImage** out) {
    return vips_gaussblur(in, out, sigma, "precision", VIPS_PRECISION_FLOAT, "min_ampl", 0.001,
                          nullptr);
  });
  step = changed(
      step, [](VipsImage* in, VipsImage** out) { return vips_unpremultiply(in, out, nullptr); });
  step = changed(step, [](VipsImage* in, VipsImage** out) { return vips_rint(in, out, nullptr); });
  return changed(step,
                 [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
}

// Of the difference's square.
double mean_square(const Picture& a, const Picture& b) {
  VipsImage* apart = nullptr;
  EXPECT_EQ(vips_subtract(a.get(), b.get(), &apart, nullptr), 0);
  const auto square = changed(Picture(apart, g_object_unref), [](VipsImage* in, VipsImage** out) {
    return vips_multiply(in, in, out, nullptr);
  });
  double mean = 0;
  EXPECT_EQ(vips_avg(square.get(), &mean, nullptr), 0);
  return mean;
}

double psnr(const Picture& a, const Picture& b) {
  return 10 * std::log10(255 * 255 / std::max(mean_square(a, b), 1e-9));
}

std::uint16_t hundredths(double sigma) {
  return static_cast<std::uint16_t>(std::lround(100 * sigma));
}

MadePicture blur_made(const std::string& file, double sigma) {
  auto spec = spec_of(MediaType::png);
  spec.blur = hundredths(sigma);
  return make_picture(file, spec);
}

MadePicture sharpen_made(const std::string& file, double sigma) {
  auto spec = spec_of(MediaType::png);
  spec.sharpen = hundredths(sigma);
  return make_picture(file, spec);
}

class EffectSteps : public ::testing::Test {
 protected:
  void SetUp() override { start_vips_once(); }
};

TEST_F(EffectSteps, the_least_blur_is_one) {
  const auto scene = pictures::scene(160, 120, 3);
  const auto file = pictures::written(scene, ".png");
  double before = 0;
  for (double sigma : {0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6}) {
    const auto made = pictures::decoded(blur_made(file, sigma).bytes);
    const double changed = mean_square(made, pictures::decoded(file));
    EXPECT_GT(changed, before) << sigma;
    before = changed;
  }
}

TEST_F(EffectSteps, a_blur_is_the_gaussian_of_its_sigma) {
  for (int bands : {1, 3, 4}) {
    const auto file = pictures::written(pictures::scene(301, 203, bands), ".png");
    const auto original = pictures::decoded(file);
    for (double sigma : {0.3, 0.5, 1.0, 2.0, 3.99, 4.0, 5.0, 7.99, 8.0, 11.99, 12.0, 25.0})
      EXPECT_GT(psnr(pictures::decoded(blur_made(file, sigma).bytes), blurred(original, sigma)), 45)
          << sigma << " of " << bands << " bands";
  }
}

TEST_F(EffectSteps, a_blur_leaves_an_even_picture_as_it_is) {
  VipsImage* black = nullptr;
  ASSERT_EQ(vips_black(&black, 61, 37, "bands", 3, nullptr), 0);
  const auto even = changed(Picture(black, g_object_unref), [](VipsImage* in, VipsImage** out) {
    return vips_linear1(in, out, 1, 201, "uchar", TRUE, nullptr);
  });
  even->Type = VIPS_INTERPRETATION_sRGB;
  const auto file = pictures::written(even, ".png");
  for (double sigma : {0.5, 1.0, 2.0, 5.0, 8.0, 30.0, 100.0})
    EXPECT_EQ(mean_square(pictures::decoded(blur_made(file, sigma).bytes), pictures::decoded(file)),
              0)
        << sigma;
}

TEST_F(EffectSteps, pictures_smaller_than_the_blur_are_blurred) {
  for (auto [width, height] : {std::pair{1, 1}, {5, 3}, {3, 40}, {26, 1}}) {
    const auto file = pictures::written(pictures::scene(width, height, 4), ".png");
    for (double sigma : {3.0, 8.0, 100.0}) {
      const auto made = blur_made(file, sigma);
      EXPECT_EQ(made.file.width, static_cast<std::uint32_t>(width));
      EXPECT_EQ(made.file.height, static_cast<std::uint32_t>(height));
    }
  }
}

double cpu_seconds(const std::string& file, const RenditionSpec& spec) {
  const auto start = std::clock();
  make_picture(file, spec);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST_F(EffectSteps, the_largest_blur_of_a_large_picture_is_quick) {
  const auto file = pictures::written(pictures::scene(3000, 2000, 3), ".jpg");
  auto spec = spec_of(MediaType::jpeg);
  spec.quality = 80;
  const double plain = cpu_seconds(file, spec);
  spec.blur = hundredths(100);
  EXPECT_LT(cpu_seconds(file, spec) - plain, 1);
}

TEST_F(EffectSteps, the_least_sharpening_is_one) {
  const auto file = pictures::written(pictures::scene(160, 120, 3), ".png");
  double before = 0;
  for (double sigma : {0.3, 0.4, 0.46, 0.5, 1.0}) {
    const auto made = pictures::decoded(sharpen_made(file, sigma).bytes);
    const double changed = mean_square(made, pictures::decoded(file));
    EXPECT_GE(changed, std::max(before, 0.5)) << sigma;
    before = changed;
  }
}

}  // namespace
}  // namespace tintype

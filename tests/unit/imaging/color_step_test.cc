#include <gtest/gtest.h>

#include "imaging/icc_profile.h"
#include "imaging/icc_rewrite.h"
#include "imaging/picture_steps.h"
#include "support/icc_samples.h"
#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using pictures::changed;
using pictures::Picture;

std::string profile_of(const std::string& file) {
  VipsImage* image = vips_image_new_from_buffer(file.data(), file.size(), "", nullptr);
  const void* data = nullptr;
  std::size_t size = 0;
  std::string profile;
  if (image && vips_image_get_typeof(image, VIPS_META_ICC_NAME) &&
      vips_image_get_blob(image, VIPS_META_ICC_NAME, &data, &size) == 0)
    profile.assign(static_cast<const char*>(data), size);
  if (image) g_object_unref(image);
  return profile;
}

// The numbers in the file, without a look at its profile.
Picture codes_of(const std::string& file) {
  VipsImage* image = vips_image_new_from_buffer(file.data(), file.size(), "", nullptr);
  vips_image_remove(image, VIPS_META_ICC_NAME);
  return pictures::decoded(pictures::written(Picture(image, g_object_unref), ".png[strip]"));
}

std::string adobe_like_profile() {
  return samples::rgb_profile("Adobe RGB (1998)", samples::icc_gamma(2.2),
                              samples::adobe_primaries());
}

std::string with_profile(const Picture& picture, const std::string& profile,
                         const std::string& suffix = ".png") {
  const auto copy =
      changed(picture, [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); });
  vips_image_set_blob_copy(copy.get(), VIPS_META_ICC_NAME, profile.data(), profile.size());
  return pictures::written(copy, suffix);
}

std::string srgb_profile() {
  return profile_of(pictures::written(pictures::scene(8, 8, 3), ".png[profile=srgb]"));
}

RenderPolicy all_srgb() { return {QualityMode::balanced, ColorMode::srgb}; }

class ColorStep : public ::testing::Test {
 protected:
  void SetUp() override { start_vips_once(); }
};

TEST_F(ColorStep, keeps_the_numbers_of_p3_and_sends_a_compact_profile_along) {
  const auto file = pictures::written(pictures::scene(60, 40, 3), ".png[profile=p3]");
  for (auto format : {MediaType::png, MediaType::jpeg, MediaType::webp, MediaType::avif}) {
    auto spec = spec_of(format);
    if (format != MediaType::png) spec.quality = 100;
    const auto made = make_picture(file, spec);
    const auto profile = profile_of(made.bytes);
    EXPECT_EQ(icc_profile_name(profile), "Display P3") << media_type_name(format);
    EXPECT_LT(profile.size(), 1024u) << media_type_name(format);
    if (format == MediaType::png) {
      EXPECT_EQ(pictures::distance(codes_of(made.bytes), codes_of(file)).most, 0);
    }
  }
}

TEST_F(ColorStep, finds_the_profile_of_every_kind_of_file) {
  const auto scene = pictures::scene(60, 40, 3);
  const auto wide = changed(scene, [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_RGB16, nullptr);
  });
  const auto p3 = profile_of(pictures::written(scene, ".png[profile=p3]"));
  for (const auto& file :
       {with_profile(scene, p3, ".jpg[Q=95]"), with_profile(scene, p3, ".webp[lossless]"),
        with_profile(scene, p3, ".avif[Q=95]"), with_profile(wide, p3, ".png")}) {
    const auto made = make_picture(file, spec_of(MediaType::png));
    EXPECT_EQ(icc_profile_name(profile_of(made.bytes)), "Display P3");
    EXPECT_LT(pictures::distance(codes_of(made.bytes), codes_of(file)).mean, 0.3);
    const auto converted = make_picture(file, spec_of(MediaType::png), all_srgb());
    EXPECT_EQ(profile_of(converted.bytes), "");
    EXPECT_LT(pictures::distance(pictures::decoded(converted.bytes), pictures::decoded(file)).mean,
              0.6);
  }
}

TEST_F(ColorStep, says_nothing_of_srgb) {
  const auto file = with_profile(pictures::scene(60, 40, 3), srgb_profile());
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_EQ(profile_of(made.bytes), "");
  EXPECT_EQ(pictures::distance(codes_of(made.bytes), codes_of(file)).most, 0);
}

TEST_F(ColorStep, keeps_another_compact_profile) {
  const auto profile = adobe_like_profile();
  ASSERT_EQ(icc_profile_name(profile), "Adobe RGB (1998)");
  const auto file = with_profile(pictures::scene(60, 40, 3), profile);
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_EQ(profile_of(made.bytes), colors_of_profile(profile));
  EXPECT_EQ(icc_profile_name(profile_of(made.bytes)), "Adobe RGB (1998)");
  EXPECT_EQ(pictures::distance(codes_of(made.bytes), codes_of(file)).most, 0);
  EXPECT_EQ(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).most, 0);
}

TEST_F(ColorStep, lets_nothing_out_of_a_profile_but_its_colors) {
  const auto primaries = samples::adobe_primaries();
  const auto curve = samples::icc_gamma(2.2);
  auto profile =
      samples::icc_profile("RGB ", {{"desc", samples::icc_description("SECRET-SERIAL display")},
                                    {"wtpt", samples::icc_color(0.9642, 1, 0.8249)},
                                    {"mmod", "mmod SECRET-MODEL"},
                                    {"rXYZ", primaries.red + "SECRET-SLACK"},
                                    {"gXYZ", primaries.green},
                                    {"bXYZ", primaries.blue},
                                    {"rTRC", curve},
                                    {"gTRC", curve},
                                    {"bTRC", curve + "SECRET-CURVE"},
                                    {"cprt", std::string("text\0\0\0\0SECRET-OWNER", 20)}});
  profile.replace(48, 8, "SECRETID");
  const auto file = with_profile(pictures::scene(60, 40, 3), profile);
  for (MediaType format : {MediaType::jpeg, MediaType::png, MediaType::webp, MediaType::avif}) {
    const auto sent = profile_of(make_picture(file, spec_of(format)).bytes);
    EXPECT_EQ(sent, colors_of_profile(profile)) << media_type_name(format);
    EXPECT_EQ(sent.find("SECRET"), std::string::npos) << media_type_name(format);
    EXPECT_EQ(icc_profile_name(sent), "RGB");
  }
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_EQ(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).most, 0);
}

TEST(IccRewrite, reads_what_cannot_be_read_as_nothing) {
  EXPECT_EQ(colors_of_profile(""), "");
  EXPECT_EQ(colors_of_profile(std::string(500, 'x')), "");
  const auto whole = adobe_like_profile();
  for (std::size_t size = 0; size < whole.size(); size += 7)
    EXPECT_LE(colors_of_profile(whole.substr(0, size)).size(), whole.size() + 200) << size;
  EXPECT_EQ(colors_of_profile(colors_of_profile(whole)), colors_of_profile(whole));
}

TEST_F(ColorStep, replaces_a_large_profile_by_a_compact_one) {
  auto profile = adobe_like_profile();
  profile.resize(300'000, '\0');
  profile.replace(0, 4, samples::icc_number(300'000));
  const auto file = with_profile(pictures::scene(60, 40, 3), profile);
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_LT(profile_of(made.bytes).size(), 1024u);
  EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).mean, 0.6);
}

TEST_F(ColorStep, converts_everything_when_told) {
  for (const auto& profile : {adobe_like_profile(), profile_of(samples::p3_png())}) {
    const auto file = with_profile(pictures::scene(60, 40, 3), profile);
    const auto made = make_picture(file, spec_of(MediaType::png), all_srgb());
    EXPECT_EQ(profile_of(made.bytes), "");
    EXPECT_GT(pictures::distance(codes_of(made.bytes), codes_of(file)).mean, 1);
    EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).mean, 0.4);
  }
}

TEST_F(ColorStep, converts_for_gif_which_has_no_profiles) {
  const auto file = with_profile(pictures::scene(60, 40, 3), adobe_like_profile());
  const auto made = make_picture(file, spec_of(MediaType::gif));
  EXPECT_EQ(profile_of(made.bytes), "");
  EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).mean, 4);
}

TEST_F(ColorStep, makes_srgb_of_cmyk_by_its_profile) {
  const auto file = pictures::encoded(pictures::Encoding::cmyk_jpeg, 60, 40);
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_EQ(profile_of(made.bytes), "");
  const auto expected = pictures::decoded(file);
  EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), expected).mean, 0.3);
  EXPECT_LT(pictures::distance(expected, pictures::scene(60, 40, 4)).mean, 20);
}

TEST_F(ColorStep, takes_cmyk_without_a_profile_and_with_one_of_the_wrong_kind) {
  VipsImage* ink = nullptr;
  const auto scene = pictures::scene(60, 40, 3);
  ASSERT_EQ(vips_icc_transform(scene.get(), &ink, "cmyk", "input_profile", "srgb", nullptr), 0);
  Picture cmyk(ink, g_object_unref);
  const auto expected = pictures::decoded(pictures::written(cmyk, ".jpg[Q=95]"));
  for (const auto& file : {pictures::written(cmyk, ".jpg[Q=95,strip]"),
                           with_profile(cmyk, adobe_like_profile(), ".jpg[Q=95]"),
                           with_profile(cmyk, "no profile at all", ".jpg[Q=95]")}) {
    const auto made = make_picture(file, spec_of(MediaType::png));
    EXPECT_EQ(profile_of(made.bytes), "");
    EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), expected).mean, 1);
  }
}

TEST_F(ColorStep, makes_plain_gray_of_gray_with_a_profile) {
  const auto gray = pictures::scene(60, 40, 1);
  const auto file = with_profile(gray, samples::gray_profile(samples::icc_gamma(1.8)));
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_EQ(profile_of(made.bytes), "");
  EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).mean, 0.6);
}

TEST_F(ColorStep, a_broken_profile_is_as_good_as_none) {
  std::string broken = adobe_like_profile();
  broken.replace(132, 60, std::string(60, '\xFF'));
  const auto scene = pictures::scene(60, 40, 3);
  for (auto policy : {RenderPolicy{}, all_srgb()}) {
    const auto made = make_picture(with_profile(scene, broken), spec_of(MediaType::png), policy);
    EXPECT_EQ(pictures::distance(codes_of(made.bytes), scene).most, 0);
  }
}

TEST_F(ColorStep, gray_is_that_of_the_colours_that_are_shown) {
  for (const auto& profile : {profile_of(samples::p3_png()), adobe_like_profile()}) {
    const auto file = with_profile(pictures::scene(60, 40, 3), profile);
    auto spec = spec_of(MediaType::png);
    const auto plain = make_picture(file, spec, all_srgb());
    spec.grayscale = true;
    const auto expected = make_picture(plain.bytes, spec);
    const auto made = make_picture(file, spec);
    EXPECT_EQ(profile_of(made.bytes), "");
    EXPECT_LT(
        pictures::distance(pictures::decoded(made.bytes), pictures::decoded(expected.bytes)).mean,
        0.05);
  }
}

TEST_F(ColorStep, a_gray_background_is_one_gray_around_the_picture_and_below_it) {
  auto spec = spec_of(MediaType::png, 60, 60);
  spec.fit = Fit::contain;
  spec.grayscale = true;
  spec.background = Color{255, 0, 0, 255};
  VipsImage* black = nullptr;
  ASSERT_EQ(vips_black(&black, 60, 40, "bands", 4, nullptr), 0);
  black->Type = VIPS_INTERPRETATION_sRGB;
  const auto clear = pictures::written(Picture(black, g_object_unref), ".png");
  for (const auto& profile : {std::string(), profile_of(samples::p3_png())}) {
    const auto file = profile.empty() ? clear : with_profile(pictures::decoded(clear), profile);
    const auto shown = pictures::decoded(make_picture(file, spec).bytes);
    EXPECT_EQ(*VIPS_IMAGE_ADDR(shown.get(), 0, 0), *VIPS_IMAGE_ADDR(shown.get(), 30, 30));
    EXPECT_NEAR(*VIPS_IMAGE_ADDR(shown.get(), 30, 30), 127, 1);  // its luminance is 0.2126
  }
}

TEST_F(ColorStep, a_large_profile_that_cannot_be_used_is_as_good_as_none) {
  std::string broken = adobe_like_profile();
  broken.replace(132, 60, std::string(60, '\xFF'));
  broken.resize(300'000, '\0');
  broken.replace(0, 4, samples::icc_number(300'000));
  const auto scene = pictures::scene(60, 40, 3);
  const auto file = with_profile(scene, broken, ".webp[lossless]");  // libpng would drop it
  ASSERT_EQ(profile_of(file), broken);
  // As sRGB, whatever profile goes out with it.
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), scene).mean, 0.6);
  EXPECT_LT(profile_of(made.bytes).size(), 1024u);
}

// Names promise what the numbers do not keep: `sRGB-elle-V4-g10.icc` is linear.
TEST_F(ColorStep, linear_numbers_are_not_taken_for_srgb) {
  for (const char* name : {"sRGB-elle-V4-g10.icc", "Display P3 linear", "Display P3"}) {
    const auto file =
        with_profile(pictures::scene(60, 40, 3), samples::rgb_profile(name, samples::icc_curve()));
    for (auto policy : {RenderPolicy{}, all_srgb()}) {
      const auto made = make_picture(file, spec_of(MediaType::png), policy);
      EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).mean,
                0.6)
          << name;
    }
  }
}

TEST_F(ColorStep, makes_srgb_of_gray_with_alpha_and_a_profile) {
  const auto profile = samples::gray_profile(samples::icc_gamma(1.0));
  for (const char* suffix : {".png", ".png[bitdepth=16]"}) {
    const auto file = with_profile(pictures::scene(60, 40, 2), profile, suffix);
    const auto made = make_picture(file, spec_of(MediaType::png));
    EXPECT_EQ(profile_of(made.bytes), "");
    EXPECT_LT(pictures::distance(pictures::decoded(made.bytes), pictures::decoded(file)).mean, 0.6);
  }
}

TEST_F(ColorStep, the_colours_of_a_background_are_those_asked_for_in_any_profile) {
  auto spec = spec_of(MediaType::png, 60, 60);
  spec.fit = Fit::contain;
  spec.background = Color{200, 40, 30, 255};
  const auto made =
      make_picture(pictures::written(pictures::scene(60, 40, 3), ".png[profile=p3]"), spec);
  const auto shown = pictures::decoded(made.bytes);
  const auto* corner = VIPS_IMAGE_ADDR(shown.get(), 0, 0);
  EXPECT_NEAR(corner[0], 200, 3);
  EXPECT_NEAR(corner[1], 40, 3);
  EXPECT_NEAR(corner[2], 30, 3);
}

}  // namespace
}  // namespace tintype

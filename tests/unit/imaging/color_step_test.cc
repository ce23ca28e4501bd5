#include <gtest/gtest.h>

#include "imaging/icc_profile.h"
#include "imaging/picture_steps.h"
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

std::string be32(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

// A compact RGB profile with the primaries of Adobe RGB (1998) and a gamma of 2.2.
std::string adobe_like_profile() {
  struct Tag {
    std::string name, data;
  };
  auto xyz = [](double x, double y, double z) {
    std::string data = "XYZ " + be32(0);
    for (double v : {x, y, z}) data += be32(static_cast<std::uint32_t>(v * 65536));
    return data;
  };
  const std::string text("Adobe RGB (1998)\0", 17);
  std::string description = "desc" + be32(0) + be32(17) + text;
  description.resize(description.size() + 78 + 1, '\0');
  description.resize((description.size() + 3) / 4 * 4, '\0');
  const std::string curve = "curv" + be32(0) + be32(1) + std::string("\x02\x33\0\0", 4);
  const std::vector<Tag> tags{{"desc", description},
                              {"wtpt", xyz(0.9642, 1, 0.8249)},
                              {"rXYZ", xyz(0.60974, 0.31111, 0.01947)},
                              {"gXYZ", xyz(0.20528, 0.62567, 0.06087)},
                              {"bXYZ", xyz(0.14919, 0.06322, 0.74457)},
                              {"rTRC", curve},
                              {"gTRC", curve},
                              {"bTRC", curve},
                              {"cprt", "text" + be32(0) + std::string("none\0\0\0\0", 8)}};
  std::string table = be32(static_cast<std::uint32_t>(tags.size())), body;
  const std::size_t start = 128 + 4 + 12 * tags.size();
  for (const auto& tag : tags) {
    table += tag.name + be32(static_cast<std::uint32_t>(start + body.size())) +
             be32(static_cast<std::uint32_t>(tag.data.size()));
    body += tag.data;
  }
  std::string head(128, '\0');
  head.replace(0, 4, be32(static_cast<std::uint32_t>(start + body.size())));
  head.replace(8, 4, be32(0x02100000));
  head.replace(12, 12, "mntrRGB XYZ ");
  head.replace(36, 4, "acsp");
  head.replace(68, 12, be32(0xF6D6) + be32(0x10000) + be32(0xD32D));
  return head + table + body;
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
  EXPECT_EQ(profile_of(made.bytes), profile);
  EXPECT_EQ(pictures::distance(codes_of(made.bytes), codes_of(file)).most, 0);
}

TEST_F(ColorStep, replaces_a_large_profile_by_a_compact_one) {
  auto profile = adobe_like_profile();
  profile.resize(300'000, '\0');
  profile.replace(0, 4, be32(300'000));
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
  // One tone curve of gamma 1.8, by hand.
  std::string profile(128, '\0');
  const std::string curve = "curv" + be32(0) + be32(1) + std::string("\x01\xCD\0\0", 4);
  const std::string white = "XYZ " + be32(0) + be32(0xF6D6) + be32(0x10000) + be32(0xD32D);
  profile += be32(2) + "kTRC" + be32(156) + be32(16) + "wtpt" + be32(172) + be32(20);
  profile += curve + white;
  profile.replace(0, 4, be32(static_cast<std::uint32_t>(profile.size())));
  profile.replace(8, 4, be32(0x02100000));
  profile.replace(12, 12, "mntrGRAYXYZ ");
  profile.replace(36, 4, "acsp");
  profile.replace(68, 12, be32(0xF6D6) + be32(0x10000) + be32(0xD32D));
  const auto file = with_profile(gray, profile);
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

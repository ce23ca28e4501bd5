#include "imaging/nclx_color.h"

#include <gtest/gtest.h>

#include "imaging/icc_profile.h"
#include "support/heif_boxes.h"
#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using samples::nclx_box;
using samples::with_heif_property;

std::string avif() { return pictures::encoded(pictures::Encoding::avif, 64, 48); }

class NclxColor : public ::testing::Test {
 protected:
  void SetUp() override { start_vips_once(); }
};

TEST_F(NclxColor, stands_for_display_p3) {
  for (std::uint16_t transfer : {13, 1, 2})
    EXPECT_EQ(icc_profile_name(nclx_profile("ftyp" + nclx_box(12, transfer))), "Display P3");
  EXPECT_EQ(nclx_profile("ftyp" + nclx_box(1, 13)), "") << "sRGB";
  EXPECT_EQ(nclx_profile("ftyp" + nclx_box(9, 16)), "") << "BT.2020 with PQ";
  EXPECT_EQ(nclx_profile("ftyp" + nclx_box(12, 8)), "") << "linear";
  EXPECT_EQ(nclx_profile(""), "");
}

TEST_F(NclxColor, is_read_within_the_file_and_its_beginning) {
  const auto whole = "ftyp" + nclx_box(12, 13);
  for (std::size_t size = 0; size < whole.find("nclx") + 8; ++size)
    EXPECT_EQ(nclx_profile(std::string(whole, 0, size)), "") << size;
  EXPECT_NE(nclx_profile(std::string(60'000, '\0') + whole), "");
  EXPECT_EQ(nclx_profile(std::string(70'000, '\0') + whole), "");
}

// The same numbers mean other colours.
void expect_p3(const std::string& plain, const std::string& p3) {
  auto examined = examine_bytes(p3);
  ASSERT_TRUE(examined.ok()) << examined.error().detail;
  EXPECT_EQ(examined->facts.color_profile, "Display P3");
  const auto numbers = pictures::decoded(make_picture(plain, spec_of(MediaType::png)).bytes);
  const auto kept = make_picture(p3, spec_of(MediaType::png)).bytes;
  auto* image = vips_image_new_from_buffer(kept.data(), kept.size(), "", nullptr);
  EXPECT_NE(vips_image_get_typeof(image, VIPS_META_ICC_NAME), 0u);
  vips_image_remove(image, VIPS_META_ICC_NAME);
  const pictures::Picture bare(image, g_object_unref);
  EXPECT_EQ(
      pictures::distance(pictures::decoded(pictures::written(bare, ".png[strip]")), numbers).most,
      0);
  const RenderPolicy all_srgb{QualityMode::balanced, ColorMode::srgb};
  const auto converted = make_picture(p3, spec_of(MediaType::png), all_srgb).bytes;
  EXPECT_GT(pictures::distance(pictures::decoded(converted), numbers).mean, 1);
  EXPECT_LT(pictures::distance(pictures::decoded(converted), pictures::decoded(kept)).mean, 0.6);
}

TEST_F(NclxColor, counts_in_avif) {
  expect_p3(avif(), with_heif_property(avif(), nclx_box(12, 13)));
}

TEST_F(NclxColor, counts_in_heic) {
  if (!test_heif()) GTEST_SKIP() << "no libheif with an HEVC decoder";
  expect_p3(samples::heic(), with_heif_property(samples::heic(), nclx_box(12, 13)));
}

TEST_F(NclxColor, comes_after_an_icc_profile) {
  const auto srgb = pictures::written(pictures::scene(64, 48, 3), ".avif[profile=srgb]");
  auto examined = examine_bytes(with_heif_property(srgb, nclx_box(12, 13)));
  ASSERT_TRUE(examined.ok()) << examined.error().detail;
  EXPECT_EQ(examined->facts.color_profile, "sRGB");
}

}  // namespace
}  // namespace tintype

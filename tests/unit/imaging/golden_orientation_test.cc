// A picture stored in any of EXIF's eight ways comes out as the same picture.
#include <gtest/gtest.h>

#include "support/pictures.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using pictures::changed;
using pictures::Picture;

// Stored so that `orientation` turns it upright, by what libvips says of orientations.
Picture stored(const Picture& upright, int orientation) {
  for (int quarters = 0; quarters < 4; ++quarters)
    for (bool mirror : {false, true}) {
      const auto picture = pictures::turned(upright, quarters, mirror);
      vips_image_set_int(picture.get(), VIPS_META_ORIENTATION, orientation);
      const auto shown = changed(
          picture, [](VipsImage* in, VipsImage** out) { return vips_autorot(in, out, nullptr); });
      if (pictures::distance(shown, upright).most == 0) return picture;
    }
  ADD_FAILURE() << orientation;
  return upright;
}

std::string stored(const Picture& upright, int orientation, const std::string& suffix) {
  return pictures::written(stored(upright, orientation), suffix);
}

class GoldenOrientation : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { start_vips_once(); }
};
INSTANTIATE_TEST_SUITE_P(Files, GoldenOrientation,
                         ::testing::Values(".png", ".webp[lossless]",
                                           ".jpg[Q=97,subsample_mode=off]"));

TEST_P(GoldenOrientation, all_eight_come_out_as_one_picture) {
  const auto upright = pictures::scene(96, 64, 3);
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (std::uint32_t width : {0u, 48u, 31u}) {
      const auto file = stored(upright, orientation, GetParam());
      const auto made = make_picture(file, spec_of(MediaType::png, width));
      const auto expected =
          make_picture(pictures::written(upright, ".png"), spec_of(MediaType::png, width));
      const auto apart =
          pictures::distance(pictures::decoded(made.bytes), pictures::decoded(expected.bytes));
      EXPECT_LT(apart.mean, 0.9) << orientation << " at " << width;
      EXPECT_LT(apart.most, 2.5) << orientation << " at " << width;
    }
}

TEST_P(GoldenOrientation, is_applied_before_what_the_spec_asks_for) {
  const auto upright = pictures::scene(96, 64, 3);
  auto spec = spec_of(MediaType::png, 40, 40);
  spec.fit = Fit::cover;
  spec.gravity = {Gravity::Kind::point, 0, 0};
  spec.rotate = 90;
  spec.mirror = true;
  const auto expected = make_picture(pictures::written(upright, ".png"), spec);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto made = make_picture(stored(upright, orientation, GetParam()), spec);
    EXPECT_LT(
        pictures::distance(pictures::decoded(made.bytes), pictures::decoded(expected.bytes)).mean,
        0.8)
        << orientation;
  }
}

TEST_P(GoldenOrientation, counts_for_what_an_examination_says) {
  const auto upright = pictures::scene(96, 64, 3);
  std::string hash;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    auto answer = examine_bytes(stored(upright, orientation, GetParam()));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->facts.width, 96u) << orientation;
    EXPECT_EQ(answer->facts.height, 64u) << orientation;
    EXPECT_EQ(answer->facts.orientation, orientation);
    if (hash.empty()) hash = answer->facts.perceptual_hash;
    EXPECT_EQ(answer->facts.perceptual_hash, hash) << orientation;
  }
}

}  // namespace
}  // namespace tintype

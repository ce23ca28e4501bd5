// The measure that the golden tests use must see what can go wrong: each mistake here is made on
// purpose, and must be further away than anything that golden_matrix_test.cc lets pass.
#include <gtest/gtest.h>

#include "support/pictures.h"
#include "unit/imaging/golden_bounds.h"

namespace tintype {
namespace {

using namespace pictures;

class PictureDistance : public ::testing::Test {
 protected:
  const Picture scene_ = decoded(written(scene(160, 120, 4), ".png"));
  const Picture right_ = resized(scene_, 64, 48);

  void expect_seen(const Picture& wrong, const char* mistake) {
    for (MediaType format : kGoldenFormats)
      EXPECT_FALSE(is_golden(right_, wrong, format))
          << mistake << " in " << media_type_name(format);
  }
};

TEST_F(PictureDistance, of_a_picture_from_itself_is_nothing) {
  const auto apart = distance(right_, right_);
  EXPECT_EQ(apart.mean, 0);
  EXPECT_EQ(apart.most, 0);
}

TEST_F(PictureDistance, sees_a_shift_of_one_pixel) {
  expect_seen(placed(right_, 1, 0, 64, 48, {0, 0, 0, 0}), "right by one");
  expect_seen(placed(right_, 0, -1, 64, 48, {0, 0, 0, 0}), "up by one");
}

TEST_F(PictureDistance, sees_every_wrong_turn) {
  expect_seen(turned(right_, 0, true), "mirrored");
  expect_seen(turned(right_, 2, false), "upside down");
  expect_seen(turned(right_, 2, true), "flipped");
  EXPECT_EQ(distance(right_, turned(right_, 1, false)).mean, 100);
}

TEST_F(PictureDistance, sees_resizing_in_gamma_space) {
  expect_seen(resized_in_gamma(scene_, 64, 48), "gamma");
}

TEST_F(PictureDistance, sees_swapped_channels) {
  expect_seen(with_red_and_blue_swapped(right_), "red and blue");
}

TEST_F(PictureDistance, sees_alpha_that_was_lost_or_multiplied_twice) {
  expect_seen(resized(flattened(scene_, {0, 0, 0}), 64, 48), "lost");
  const auto twice = changed(
      right_, [](VipsImage* in, VipsImage** out) { return vips_premultiply(in, out, nullptr); });
  const auto bytes = changed(
      twice, [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
  expect_seen(bytes, "twice");
}

TEST_F(PictureDistance, sees_a_crop_that_is_off_by_one) {
  const auto right = cropped(right_, 10, 10, 40, 30), wrong = cropped(right_, 11, 10, 40, 30);
  EXPECT_FALSE(is_golden(right, wrong, MediaType::png));
  EXPECT_TRUE(is_golden(right, right, MediaType::png));
}

}  // namespace
}  // namespace tintype

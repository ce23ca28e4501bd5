#include "imaging/dominant_color.h"

#include <gtest/gtest.h>

#include "small_pictures.h"

namespace tintype {
namespace {

using testing::painted;
using testing::Rgba;

constexpr Rgba kRed{200, 20, 30, 255};
constexpr Rgba kGrey{120, 120, 120, 255};
constexpr Rgba kClear{0, 255, 0, 0};

TEST(DominantColor, is_the_colour_of_a_plain_picture) {
  EXPECT_EQ(dominant_color(painted(5, 3, [](int, int) { return kRed; })), "#c8141e");
  EXPECT_EQ(dominant_color(painted(1, 1, [](int, int) { return Rgba{0, 0, 0, 255}; })), "#000000");
  EXPECT_EQ(dominant_color(painted(1, 1,
                                   [](int, int) {
                                     return Rgba{255, 255, 255, 255};
                                   })),
            "#ffffff");
}

TEST(DominantColor, is_one_that_is_there_and_not_the_mean_of_all) {
  const auto blue_and_yellow = painted(10, 10, [](int x, int) {
    return x < 6 ? Rgba{10, 20, 230, 255} : Rgba{250, 240, 5, 255};
  });
  EXPECT_EQ(dominant_color(blue_and_yellow), "#0a14e6");
}

TEST(DominantColor, prefers_vivid_to_grey_of_equal_area_only) {
  auto part_red = [](int columns) {
    return painted(20, 10, [=](int x, int) { return x < columns ? kRed : kGrey; });
  };
  EXPECT_EQ(dominant_color(part_red(10)), "#c8141e");
  EXPECT_EQ(dominant_color(part_red(9)), "#c8141e");
  EXPECT_EQ(dominant_color(part_red(7)), "#787878");
}

TEST(DominantColor, counts_transparent_pixels_for_nothing) {
  const auto mostly_clear =
      painted(10, 10, [](int x, int y) { return x + y == 3 ? kRed : kClear; });
  EXPECT_EQ(dominant_color(mostly_clear), "#c8141e");
  EXPECT_EQ(dominant_color(painted(4, 4, [](int, int) { return kClear; })), "");
}

// 127 and 128 lie in different boxes; apart they would lose to the other colour.
TEST(DominantColor, does_not_split_a_colour_on_the_edge_of_a_box) {
  const auto noisy = painted(20, 20, [](int x, int y) {
    if (x < 8) return Rgba{0, 0, 0, 255};
    return Rgba{127 + x % 2, 127 + y % 2, 127 + (x + y) % 2, 255};
  });
  const auto colour = dominant_color(noisy);
  EXPECT_TRUE(colour.starts_with("#7f") || colour.starts_with("#80")) << colour;
}

TEST(DominantColor, of_no_picture_is_empty) {
  EXPECT_EQ(dominant_color({}), "");
  EXPECT_EQ(dominant_color({2, 2, {1, 2, 3}}), "");
}

}  // namespace
}  // namespace tintype

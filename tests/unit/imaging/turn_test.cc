#include "imaging/turn.h"

#include <gtest/gtest.h>

#include "imaging/picture_steps.h"
#include "support/pictures.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

constexpr int kWidth = 3, kHeight = 2;

struct Grid {
  std::uint32_t width = kWidth, height = kHeight;
  std::vector<int> cells{0, 1, 2, 3, 4, 5};
  bool operator==(const Grid&) const = default;
};

Grid quarter(const Grid& in) {  // clockwise: the left column becomes the top row
  Grid out{in.height, in.width, {}};
  for (std::uint32_t y = 0; y < out.height; ++y)
    for (std::uint32_t x = 0; x < out.width; ++x)
      out.cells.push_back(in.cells[(in.height - 1 - x) * in.width + y]);
  return out;
}

Grid mirrored(const Grid& in) {
  Grid out{in.width, in.height, {}};
  for (std::uint32_t y = 0; y < in.height; ++y)
    for (std::uint32_t x = 0; x < in.width; ++x)
      out.cells.push_back(in.cells[y * in.width + in.width - 1 - x]);
  return out;
}

Grid apply(Turn turn, Grid grid) {
  for (int i = 0; i < turn.quarters; ++i) grid = quarter(grid);
  return turn.mirror ? mirrored(grid) : grid;
}

std::vector<Turn> all_turns() {
  std::vector<Turn> all;
  for (std::uint8_t quarters = 0; quarters < 4; ++quarters)
    for (bool mirror : {false, true}) all.push_back({quarters, mirror});
  return all;
}

TEST(Turn, after_another_is_one_of_the_eight) {
  for (Turn first : all_turns())
    for (Turn second : all_turns())
      EXPECT_EQ(apply(then(first, second), Grid{}), apply(second, apply(first, Grid{})))
          << int(first.quarters) << first.mirror << " then " << int(second.quarters)
          << second.mirror;
}

TEST(Turn, says_what_size_comes_of_it) {
  for (Turn turn : all_turns()) {
    const Grid grid = apply(turn, Grid{});
    EXPECT_EQ(turned_by(turn, {kWidth, kHeight}), (PixelSize{grid.width, grid.height}));
  }
}

// CIPA DC-008 §4.6.5: where the 0th row and the 0th column of what is stored belong.
TEST(Turn, does_what_each_orientation_asks_for) {
  const std::vector<int> displayed[] = {
      {0, 1, 2, 3, 4, 5},  // 1: top, left
      {2, 1, 0, 5, 4, 3},  // 2: top, right
      {5, 4, 3, 2, 1, 0},  // 3: bottom, right
      {3, 4, 5, 0, 1, 2},  // 4: bottom, left
      {0, 3, 1, 4, 2, 5},  // 5: left, top
      {3, 0, 4, 1, 5, 2},  // 6: right, top
      {5, 2, 4, 1, 3, 0},  // 7: right, bottom
      {2, 5, 1, 4, 0, 3},  // 8: left, bottom
  };
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation)
    EXPECT_EQ(apply(turn_of_orientation(orientation), Grid{}).cells, displayed[orientation - 1])
        << int(orientation);
  EXPECT_EQ(turn_of_orientation(0), Turn{});
  EXPECT_EQ(turn_of_orientation(9), Turn{});
}

TEST(Turn, of_a_spec_rotates_and_then_mirrors) {
  RenditionSpec spec;
  spec.rotate = 270;
  spec.mirror = true;
  EXPECT_EQ(turn_of_spec(spec), (Turn{3, true}));
}

TEST(Turn, moves_the_pixels_of_a_picture_likewise) {
  start_vips_once();
  for (Turn turn : all_turns()) {
    const std::uint8_t cells[] = {0, 1, 2, 3, 4, 5};
    VipsPtr picture(vips_image_new_from_memory_copy(cells, sizeof cells, kWidth, kHeight, 1,
                                                    VIPS_FORMAT_UCHAR));
    ASSERT_TRUE(turn_picture(picture, turn).ok());
    VipsPtr flat(vips_image_copy_memory(picture.get()));
    const auto* first = VIPS_IMAGE_ADDR(flat.get(), 0, 0);
    EXPECT_EQ(std::vector<int>(first, first + 6), apply(turn, Grid{}).cells);
  }
}

}  // namespace
}  // namespace tintype

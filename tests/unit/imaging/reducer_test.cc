#include "imaging/reducer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/image_builder.h"

namespace tintype {
namespace {

using testing::SeededRandom;

using Frame = std::vector<std::vector<std::uint8_t>>;

struct Plan {
  PixelSize from;
  std::uint32_t bands = 3;
  std::uint32_t cascade = 0;
  bool halve = false;
};

// Each row is an allocation of its own, so that a read beyond it is found.
template <typename Paint>
Frame painted(const Plan& plan, Paint paint) {
  Frame frame;
  for (std::uint32_t y = 0; y < plan.from.height; ++y) {
    std::vector<std::uint8_t> row;
    for (std::uint32_t x = 0; x < plan.from.width; ++x)
      for (std::uint32_t band = 0; band < plan.bands; ++band)
        row.push_back(static_cast<std::uint8_t>(paint(x, y, band)));
    row.shrink_to_fit();
    frame.push_back(std::move(row));
  }
  return frame;
}

std::vector<PixelBuffer> reduce(const Plan& plan, const Frame& frame,
                                const std::vector<PixelSize>& wanted) {
  FrameReducer reducer(plan.from, plan.bands, wanted, plan.cascade, plan.halve);
  for (const auto& row : frame) reducer.push(row.data());
  return reducer.take();
}

PixelBuffer reduce(const Plan& plan, const Frame& frame, PixelSize to) {
  return reduce(plan, frame, std::vector<PixelSize>{to}).front();
}

Frame noise(const Plan& plan, std::uint64_t seed) {
  SeededRandom random(seed);
  return painted(plan, [&](auto...) { return random.next() & 255; });
}

double mean_difference(const PixelBuffer& a, const PixelBuffer& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

constexpr PixelSize kLarge[] = {{160, 120}, {161, 121}, {163, 120}, {160, 127}};

TEST(Reducer, halving_first_keeps_a_flat_colour_exactly) {
  const int color[] = {201, 77, 13};
  for (PixelSize from : kLarge) {
    const Plan plan{from, 3, 0, true};
    const auto out = reduce(plan, painted(plan, [&](auto, auto, auto band) { return color[band]; }),
                            {from.width / 5, from.height / 5});
    for (std::size_t i = 0; i < out.pixels.size(); ++i) ASSERT_EQ(out.pixels[i], color[i % 3]);
  }
}

// Of odd sides the last average is of one pixel: nothing may move for that.
TEST(Reducer, halving_first_makes_the_same_picture) {
  for (PixelSize from : kLarge) {
    const Plan direct{from}, halved{from, 3, 0, true};
    const auto frame = painted(direct, [](auto x, auto y, auto band) {
      return 128 + 100 * std::sin(x * 0.09 + band) * std::cos(y * 0.07);
    });
    for (PixelSize to : {PixelSize{40, 30}, {17, 13}, {3, 30}, {1, 1}}) {
      if (from.width < 4 * to.width || from.height < 4 * to.height) continue;
      const auto a = reduce(direct, frame, to), b = reduce(halved, frame, to);
      for (std::size_t i = 0; i < a.pixels.size(); ++i)
        ASSERT_NEAR(a.pixels[i], b.pixels[i], 2) << from.width << " to " << to.width << " at " << i;
    }
  }
}

TEST(Reducer, does_not_halve_what_is_not_four_times_as_large) {
  for (auto wanted : {std::vector<PixelSize>{{41, 30}}, {{40, 31}}, {{10, 10}, {80, 60}}}) {
    const Plan direct{{160, 120}}, halved{{160, 120}, 3, 0, true};
    const auto frame = noise(direct, 8);
    const auto a = reduce(direct, frame, wanted), b = reduce(halved, frame, wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(a[i].pixels, b[i].pixels);
  }
  for (std::uint32_t bands : {1u, 4u}) {
    const Plan direct{{160, 120}, bands}, halved{{160, 120}, bands, 0, true};
    const auto frame = noise(direct, 9);
    EXPECT_EQ(reduce(direct, frame, {20, 15}).pixels, reduce(halved, frame, {20, 15}).pixels);
  }
}

TEST(Reducer, keeps_a_flat_colour_exactly) {
  const int color[] = {201, 77, 13, 255};
  for (std::uint32_t bands : {1u, 3u, 4u}) {
    const Plan plan{{97, 61}, bands};
    auto frame = painted(plan, [&](auto, auto, auto band) { return color[band]; });
    for (PixelSize to : {PixelSize{1, 1}, {10, 7}, {96, 60}, {97, 60}, {200, 300}, {5, 400}}) {
      auto out = reduce(plan, frame, to);
      for (std::size_t i = 0; i < out.pixels.size(); ++i)
        ASSERT_EQ(out.pixels[i], color[i % bands]) << bands << ": " << to.width << "x" << to.height;
    }
  }
}

TEST(Reducer, keeps_every_gray_exactly) {
  for (int code = 0; code < 256; ++code) {
    const Plan plan{{33, 21}, 1};
    auto out = reduce(plan, painted(plan, [&](auto...) { return code; }), {8, 5});
    for (auto value : out.pixels) ASSERT_EQ(value, code);
  }
}

TEST(Reducer, keeps_a_gradient_a_gradient) {
  const Plan plan{{256, 128}, 3};
  auto frame = painted(plan, [](auto x, auto y, auto band) { return band == 0 ? x : 2 * y; });
  auto out = reduce(plan, frame, {64, 32});
  for (std::uint32_t y = 2; y < 30; ++y)
    for (std::uint32_t x = 2; x < 62; ++x) {
      ASSERT_NEAR(out.row(y)[x * 3], x * 4 + 1.5, 1.5) << x;
      ASSERT_NEAR(out.row(y)[x * 3 + 1], y * 8 + 3, 2.5) << y;
    }
}

TEST(Reducer, averages_light_and_not_codes) {
  const Plan plan{{64, 64}, 3};
  auto frame = painted(plan, [](auto x, auto y, auto) { return (x + y) % 2 == 0 ? 255 : 0; });
  auto out = reduce(plan, frame, {8, 8});
  EXPECT_NEAR(out.row(4)[12], 188, 2);  // half of the light, in sRGB; half of the codes is 128
}

TEST(Reducer, does_not_mix_in_the_colour_of_transparent_pixels) {
  const Plan plan{{64, 64}, 4};
  auto frame = painted(plan, [](auto x, auto, auto band) {
    const bool clear = x % 2 == 0;  // green, but not to be seen
    return band == 3 ? (clear ? 0 : 255) : band == 1 ? (clear ? 255 : 0) : (clear ? 0 : 200);
  });
  auto out = reduce(plan, frame, {8, 8});
  const auto* pixel = out.row(4) + 16;
  EXPECT_NEAR(pixel[0], 200, 1);
  EXPECT_EQ(pixel[1], 0);
  EXPECT_NEAR(pixel[3], 128, 2);
}

TEST(Reducer, copies_the_size_of_the_frame_exactly) {
  for (std::uint32_t bands : {1u, 3u, 4u}) {
    const Plan plan{{31, 17}, bands};
    auto frame = noise(plan, bands);
    auto out = reduce(plan, frame, std::vector<PixelSize>{{5, 5}, {31, 17}, {31, 17}});
    for (std::size_t copy : {1u, 2u})
      for (std::uint32_t y = 0; y < 17; ++y)
        ASSERT_TRUE(std::equal(frame[y].begin(), frame[y].end(), out[copy].row(y)));
  }
}

TEST(Reducer, turning_sides_turns_the_result) {
  const Plan plan{{90, 50}, 3}, lying{{50, 90}, 3};
  auto frame = noise(plan, 7);
  auto turned = painted(lying, [&](auto x, auto y, auto band) { return frame[x][y * 3 + band]; });
  auto a = reduce(plan, frame, {40, 20});
  auto b = reduce(lying, turned, {20, 40});
  for (std::uint32_t y = 0; y < 20; ++y)
    for (std::uint32_t x = 0; x < 40; ++x)
      for (std::uint32_t band = 0; band < 3; ++band)
        ASSERT_NEAR(a.row(y)[x * 3 + band], b.row(x)[y * 3 + band], 2) << x << ", " << y;
}

TEST(Reducer, mirrors_like_the_picture) {
  const Plan plan{{90, 50}, 3};
  auto frame = noise(plan, 8);
  auto mirrored = painted(plan, [&](auto x, auto y, auto b) { return frame[y][(89 - x) * 3 + b]; });
  auto a = reduce(plan, frame, {37, 20}), b = reduce(plan, mirrored, {37, 20});
  for (std::uint32_t y = 0; y < 20; ++y)
    for (std::uint32_t x = 0; x < 37; ++x)
      ASSERT_NEAR(a.row(y)[x * 3], b.row(y)[(36 - x) * 3], 1) << x << ", " << y;
}

TEST(Reducer, a_cascade_comes_close_to_the_direct_way) {
  for (std::uint32_t bands : {1u, 3u, 4u}) {
    Plan plan{{320, 240}, bands};
    auto frame = painted(plan, [](auto x, auto y, auto band) {
      return band == 3 ? 255 - x / 4 : (x * 3 + y * (band + 1) + (x / 7 + y / 5) % 2 * 60) % 200;
    });
    const std::vector<PixelSize> sizes{{160, 120}, {80, 60}, {20, 15}, {7, 100}};
    auto direct = reduce(plan, frame, sizes);
    plan.cascade = 2;
    auto cascade = reduce(plan, frame, sizes);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      EXPECT_EQ(cascade[i].size, sizes[i]);
      EXPECT_LT(mean_difference(direct[i], cascade[i]), 1.5) << bands << ", " << sizes[i].width;
    }
  }
}

TEST(Reducer, makes_slivers_and_single_pixels) {
  for (PixelSize from : {PixelSize{1, 1}, {1, 300}, {300, 1}, {2, 2}, {3, 1000}})
    for (PixelSize to : {PixelSize{1, 1}, {1, 50}, {50, 1}, {64, 64}, {1, 2000}})
      for (std::uint32_t bands : {1u, 3u, 4u}) {
        const Plan plan{from, bands, 2};
        auto frame = painted(plan, [](auto...) { return 255; });
        auto out = reduce(plan, frame, to);
        ASSERT_EQ(out.pixels.size(), std::size_t{to.width} * to.height * bands);
        for (auto value : out.pixels) ASSERT_EQ(value, 255);
      }
}

TEST(Reducer, stays_within_its_rows_whatever_the_sizes) {
  SeededRandom random(9);
  auto side = [&] { return static_cast<std::uint32_t>(1 + random.below(1 + random.below(150))); };
  for (int round = 0; round < 400; ++round) {
    const std::uint32_t bands = std::array{1u, 3u, 4u}[random.below(3)];
    const Plan plan{{side(), side()}, bands, static_cast<std::uint32_t>(random.below(3))};
    std::vector<PixelSize> wanted;
    for (std::uint64_t i = 0; i <= random.below(5); ++i) wanted.push_back({side(), side()});
    auto out = reduce(plan, noise(plan, round), wanted);
    ASSERT_EQ(out.size(), wanted.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_EQ(out[i].size, wanted[i]);
      ASSERT_EQ(out[i].pixels.size(), std::size_t{wanted[i].width} * wanted[i].height * bands);
    }
  }
}

// The last row must have been made: it is the one that a wrong count of rows forgets.
TEST(Reducer, fills_the_last_row) {
  for (std::uint32_t height = 1; height < 60; ++height)
    for (std::uint32_t to : {1u, 2u, 9u, 61u}) {
      const Plan plan{{4, height}, 1};
      auto out = reduce(plan, painted(plan, [](auto...) { return 200; }), {4, to});
      ASSERT_EQ(out.row(to - 1)[3], 200) << height << " to " << to;
    }
}

}  // namespace
}  // namespace tintype

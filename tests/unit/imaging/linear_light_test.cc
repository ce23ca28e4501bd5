#include "imaging/linear_light.h"

#include <gtest/gtest.h>

#include <cmath>

#include "imaging/row_kernels.h"

namespace tintype {
namespace {

// IEC 61966-2-1.
double srgb_to_linear(double code) {
  const double x = code / 255;
  return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
}

TEST(LinearLight, gives_every_code_back) {
  for (int code = 0; code < 256; ++code) {
    const auto in = static_cast<std::uint8_t>(code);
    std::uint16_t light = 0;
    std::uint8_t out = 0;
    to_linear(&in, &light, 1);
    from_linear(&light, &out, 1);
    EXPECT_EQ(out, in);
    EXPECT_EQ(light, linear_table()[in]);
  }
}

TEST(LinearLight, rises_from_black_to_white) {
  const auto& table = linear_table();
  EXPECT_EQ(table[0], 0);
  EXPECT_EQ(table[255], kFullLight);
  for (int code = 1; code < 256; ++code) EXPECT_GT(table[code], table[code - 1]);
}

TEST(LinearLight, is_close_to_the_curve_of_srgb) {
  for (int code = 0; code < 256; ++code)
    EXPECT_NEAR(linear_table()[code] / double{kFullLight}, srgb_to_linear(code), 0.0011) << code;
}

TEST(LinearLight, finds_the_nearest_code_of_every_value) {
  const auto& table = linear_table();
  for (int value = 0; value <= kFullLight; ++value) {
    const auto light = static_cast<std::uint16_t>(value);
    std::uint8_t code = 0;
    from_linear(&light, &code, 1);
    const int error = std::abs(table[code] - value);
    if (code > 0) {
      ASSERT_LE(error, std::abs(table[code - 1] - value));
    }
    if (code < 255) {
      ASSERT_LE(error, std::abs(table[code + 1] - value));
    }
  }
}

TEST(LinearLight, keeps_opaque_pixels_and_every_alpha_exactly) {
  for (int code = 0; code < 256; ++code) {
    const auto value = static_cast<std::uint8_t>(code);
    const std::uint8_t in[] = {value, static_cast<std::uint8_t>(255 - code),
                               128,   255,  //
                               128,   128,
                               128,   value};
    std::uint16_t light[8];
    std::uint8_t out[8];
    to_linear_rgba(in, light, 2);
    from_linear_rgba(light, out, 2);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(out[i], in[i]);
    EXPECT_EQ(out[7], value);
  }
}

TEST(LinearLight, keeps_colours_below_alpha_as_well_as_15_bits_can) {
  for (int alpha = 1; alpha < 256; ++alpha)
    for (int code = 0; code < 256; code += 5) {
      const auto value = static_cast<std::uint8_t>(code);
      const std::uint8_t in[] = {value, value, value, static_cast<std::uint8_t>(alpha)};
      std::uint16_t light[4];
      std::uint8_t out[4];
      to_linear_rgba(in, light, 1);
      from_linear_rgba(light, out, 1);
      // What it looks like over any ground may differ by one code at most.
      ASSERT_LE(std::abs(out[0] - in[0]) * alpha, 255) << code << " at " << alpha;
    }
}

TEST(LinearLight, forgets_the_colour_of_the_invisible) {
  const std::uint8_t in[] = {200, 100, 50, 0};
  std::uint16_t light[4];
  std::uint8_t out[4];
  to_linear_rgba(in, light, 1);
  from_linear_rgba(light, out, 1);
  for (std::uint8_t value : out) EXPECT_EQ(value, 0);
}

TEST(LinearLight, does_not_overflow_where_a_colour_is_brighter_than_its_alpha) {
  const std::uint16_t light[] = {kFullLight, 20000, 150,
                                 128};  // what an overshooting filter leaves
  std::uint8_t out[4];
  from_linear_rgba(light, out, 1);
  EXPECT_EQ(out[0], 255);
  EXPECT_EQ(out[1], 255);
  EXPECT_EQ(out[3], 1);
}

}  // namespace
}  // namespace tintype

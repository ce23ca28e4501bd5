#include "imaging/resample_weights.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

struct Sides {
  std::uint32_t inputs;
  std::uint32_t outputs;
};

constexpr Sides kSides[] = {{1, 1},   {1, 50},     {50, 1},     {2, 1},    {1, 2},
                            {3, 2},   {100, 100},  {100, 99},   {99, 100}, {640, 64},
                            {7, 300}, {32768, 13}, {4000, 512}, {5, 4},    {6, 5}};

double sum_of(const ResampleWeights& weights, std::uint32_t output) {
  double sum = 0;
  for (std::uint32_t k = 0; k < weights.taps(); ++k) sum += double{weights.of(output)[k]};
  return sum;
}

// Where the output looks: the weighted mean of the positions of its inputs.
double center_of(const ResampleWeights& weights, std::uint32_t output) {
  double sum = 0;
  for (std::uint32_t k = 0; k < weights.taps(); ++k)
    sum += double{weights.of(output)[k]} * (weights.start(output) + k);
  return sum;
}

TEST(ResampleWeights, add_up_to_one) {
  for (auto [inputs, outputs] : kSides)
    for (std::uint32_t at_once : {1u, 4u}) {
      ResampleWeights weights(inputs, outputs, at_once);
      EXPECT_EQ(weights.taps() % at_once, 0u);
      for (std::uint32_t i = 0; i < outputs; ++i)
        ASSERT_NEAR(sum_of(weights, i), 1, 1e-5) << inputs << " to " << outputs << " at " << i;
    }
}

TEST(ResampleWeights, reach_behind_the_last_input_with_zeros_alone) {
  for (auto [inputs, outputs] : kSides) {
    ResampleWeights weights(inputs, outputs, kTapsAtOnce);
    for (std::uint32_t i = 0; i < outputs; ++i) {
      ASSERT_LT(weights.start(i), inputs);
      ASSERT_LE(weights.start(i) + weights.taps(), inputs + kRowPadding);
      for (std::uint32_t k = 0; k < weights.taps(); ++k)
        if (weights.start(i) + k >= inputs) {
          ASSERT_EQ(weights.of(i)[k], 0.0f);
        }
    }
  }
}

TEST(ResampleWeights, go_forward) {
  for (auto [inputs, outputs] : kSides) {
    ResampleWeights weights(inputs, outputs);
    for (std::uint32_t i = 1; i < outputs; ++i)
      ASSERT_LE(weights.start(i - 1), weights.start(i)) << inputs << " to " << outputs;
  }
}

TEST(ResampleWeights, of_the_same_size_copy) {
  for (std::uint32_t side : {1u, 2u, 7u, 100u}) {
    ResampleWeights weights(side, side);
    for (std::uint32_t i = 0; i < side; ++i)
      for (std::uint32_t k = 0; k < weights.taps(); ++k)
        ASSERT_NEAR(weights.of(i)[k], weights.start(i) + k == i ? 1 : 0, 1e-6) << side;
  }
}

TEST(ResampleWeights, look_at_the_middle_of_what_an_output_covers) {
  for (auto [inputs, outputs] : {Sides{300, 30}, {300, 77}, {64, 200}}) {
    ResampleWeights weights(inputs, outputs);
    for (std::uint32_t i = outputs / 3; i < outputs * 2 / 3; ++i)
      ASSERT_NEAR(center_of(weights, i), (i + 0.5) * inputs / outputs - 0.5, 0.02)
          << inputs << " to " << outputs << " at " << i;
  }
}

TEST(ResampleWeights, treat_both_ends_alike) {
  for (auto [inputs, outputs] : {Sides{100, 9}, {101, 10}, {9, 100}}) {
    ResampleWeights weights(inputs, outputs);
    for (std::uint32_t i = 0; i < outputs; ++i)
      ASSERT_NEAR(center_of(weights, i), inputs - 1 - center_of(weights, outputs - 1 - i), 1e-2);
  }
}

TEST(ResampleWeights, of_one_pixel_are_all_its_own) {
  ResampleWeights weights(1, 5);
  EXPECT_EQ(weights.taps(), 1u);
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(weights.start(i), 0u);
    EXPECT_FLOAT_EQ(weights.of(i)[0], 1);
  }
}

}  // namespace
}  // namespace tintype

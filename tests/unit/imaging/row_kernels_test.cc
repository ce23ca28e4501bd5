// Every vector unit must compute what the plain loops do.
#include "imaging/row_kernels.h"

#include <gtest/gtest.h>

#include "imaging/resample_weights.h"
#include "support/image_builder.h"

namespace tintype {
namespace {

using testing::SeededRandom;

struct KernelCase {
  std::uint32_t width;
  std::uint32_t bands;
  std::uint32_t outputs;
};

std::vector<std::uint16_t> random_light(SeededRandom& random, std::size_t count) {
  std::vector<std::uint16_t> row(count);
  for (auto& value : row) value = static_cast<std::uint16_t>(random.next() & kFullLight);
  return row;
}

using Shares = std::vector<float>;

// The first sum, then the second one.
std::vector<float> combine(const RowKernels& kernels,
                           const std::vector<std::vector<std::uint16_t>>& rows, const Shares& one,
                           const Shares& two) {
  std::vector<const std::uint16_t*> starts;
  for (const auto& row : rows) starts.push_back(row.data());
  const std::size_t n = rows[0].size();
  std::vector<float> out(2 * n);
  kernels.combine_rows(starts.data(),
                       {rows.size(), {one.data(), two.data()}, {out.data(), out.data() + n}}, n);
  return out;
}

std::vector<float> combine(const RowKernels& kernels,
                           const std::vector<std::vector<std::uint16_t>>& rows,
                           const Shares& shares) {
  return combine(kernels, rows, shares, shares);
}

std::vector<std::uint16_t> resample(const RowKernels& kernels, const KernelCase& c,
                                    std::vector<float> row) {
  ResampleWeights weights(c.width, c.outputs, kTapsAtOnce);
  weights.spread();
  row.resize((c.width + kRowPadding) * c.bands);
  std::vector<std::uint16_t> out(std::size_t{c.outputs} * c.bands);
  if (c.bands == 1) {
    kernels.resample_gray(row.data(), out.data(), weights.view());
    return out;
  }
  std::vector<float> spread((c.width + kRowPadding) * 4);
  if (c.bands == 3) kernels.spread_row(row.data(), spread.data(), c.width);
  const auto& pixels = c.bands == 3 ? spread : row;
  kernels.resample_row(pixels.data(), out.data(), weights.view(), c.bands);
  return out;
}

void expect_near(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b,
                 const KernelCase& c, int level) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(a[i], b[i], 1) << "level " << level << ", " << c.width << " to " << c.outputs
                               << ", bands " << c.bands << ", sample " << i;
}

class RowKernelLevels : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    kernels_ = row_kernels_of(GetParam());
    if (!kernels_) GTEST_SKIP() << "this machine has no such vector unit";
  }
  const RowKernels* kernels_ = nullptr;
  const RowKernels& plain_ = *row_kernels_of(0);
};
INSTANTIATE_TEST_SUITE_P(All, RowKernelLevels, ::testing::Values(1, 2, 3));

TEST_P(RowKernelLevels, agree_on_linear_light) {
  SeededRandom random(1);
  for (std::size_t samples = 1; samples <= 300; ++samples) {
    std::vector<std::uint8_t> row(samples);
    for (auto& value : row) value = static_cast<std::uint8_t>(random.next());
    std::vector<std::uint16_t> a(samples), b(samples);
    plain_.to_linear(row.data(), a.data(), samples);
    kernels_->to_linear(row.data(), b.data(), samples);
    expect_near(a, b, {static_cast<std::uint32_t>(samples), 1, 0}, GetParam());
  }
}

// Weights of 15 bits leave a part in thirty thousand of the strongest contrast.
constexpr float kNear = 3;

Shares shares_of(const ResampleWeights& weights, std::uint32_t output) {
  return {weights.of(output), weights.of(output) + weights.taps()};
}

TEST_P(RowKernelLevels, agree_on_combined_rows) {
  SeededRandom random(2);
  for (std::uint32_t width = 1; width <= 70; ++width)
    for (std::uint32_t bands : {1u, 3u, 4u}) {
      ResampleWeights weights(width % 3 == 0 ? 9 : 160, 4);  // 160: more rows than fit the pairs
      std::vector<std::vector<std::uint16_t>> rows;
      for (std::uint32_t k = 0; k < weights.taps(); ++k)
        rows.push_back(random_light(random, std::size_t{width} * bands));
      const auto one = shares_of(weights, 1), two = shares_of(weights, 2);
      auto a = combine(plain_, rows, one, two), b = combine(*kernels_, rows, one, two);
      for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], kNear) << width;
    }
}

TEST_P(RowKernelLevels, agree_on_halved_rows) {
  SeededRandom random(6);
  for (std::uint32_t width = 1; width <= 1100; width += width < 70 ? 1 : 103) {
    const std::size_t samples = std::size_t{width} * 3, halves = (width + 1) / 2 * 3;
    const auto above = random_light(random, samples);
    std::vector<std::uint8_t> below(samples);
    for (auto& value : below) value = static_cast<std::uint8_t>(random.next());
    std::vector<std::uint16_t> a(halves + 1), b(halves + 1);
    plain_.halve_rows(above.data(), below.data(), a.data(), width);
    kernels_->halve_rows(above.data(), below.data(), b.data(), width);
    a.resize(halves), b.resize(halves);
    expect_near(a, b, {width, 3, 0}, GetParam());
  }
}

TEST(RowKernels, average_two_by_two) {
  for (std::size_t width : {1u, 2u, 5u, 513u, 1025u}) {
    const std::size_t samples = width * 3;
    std::vector<std::uint16_t> above(samples), light(samples), out((width + 1) / 2 * 3 + 1);
    std::vector<std::uint8_t> below(samples);
    SeededRandom random(width);
    for (auto& value : above) value = static_cast<std::uint16_t>(random.next() & kFullLight);
    for (auto& value : below) value = static_cast<std::uint8_t>(random.next());
    const auto& kernels = row_kernels();
    kernels.to_linear(below.data(), light.data(), samples);
    kernels.halve_rows(above.data(), below.data(), out.data(), width);
    for (std::size_t i = 0; i < (width + 1) / 2 * 3; ++i) {
      const std::size_t left = i / 3 * 6 + i % 3, right = left + 3 < samples ? left + 3 : left;
      const int sum = above[left] + light[left] + above[right] + light[right];
      ASSERT_NEAR(out[i], sum / 4.0, 1) << i;
    }
  }
}

TEST_P(RowKernelLevels, leave_even_areas_as_they_are) {
  for (std::uint32_t outputs : {1u, 7u, 16u, 40u, 41u, 64u}) {
    const ResampleWeights weights(40, outputs);
    for (int level : {0, 20, 40, 16384, kFullLight}) {
      const std::vector<std::vector<std::uint16_t>> rows(
          weights.taps(), std::vector<std::uint16_t>(200, static_cast<std::uint16_t>(level)));
      for (float value : combine(*kernels_, rows, shares_of(weights, outputs / 2)))
        ASSERT_NEAR(value, level, 0.05) << outputs;
    }
  }
}

TEST_P(RowKernelLevels, do_not_overflow_where_the_filter_overshoots) {
  const ResampleWeights weights(64, 16);
  const auto shares = shares_of(weights, 8);
  for (int worst : {0, kFullLight}) {
    std::vector<std::vector<std::uint16_t>> rows;
    for (float share : shares)
      rows.emplace_back(70, static_cast<std::uint16_t>(share > 0 ? worst : kFullLight - worst));
    auto a = combine(plain_, rows, shares), b = combine(*kernels_, rows, shares);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], kNear);
  }
}

TEST_P(RowKernelLevels, agree_on_resampled_rows_of_every_width) {
  SeededRandom random(3);
  for (std::uint32_t width = 1; width <= 70; ++width)
    for (std::uint32_t bands : {1u, 3u, 4u})
      for (std::uint32_t outputs : {1u, 3u, width / 2 + 1, width + 5}) {
        const KernelCase c{width, bands, outputs};
        auto light = random_light(random, std::size_t{width} * bands);
        std::vector<float> row(light.begin(), light.end());
        expect_near(resample(plain_, c, row), resample(*kernels_, c, row), c, GetParam());
      }
}

TEST(RowKernels, the_plain_ones_compute_the_sum_that_they_promise) {
  SeededRandom random(4);
  const KernelCase c{37, 3, 11};
  auto light = random_light(random, c.width * c.bands);
  std::vector<float> row(light.begin(), light.end());
  auto out = resample(*row_kernels_of(0), c, row);
  ResampleWeights weights(c.width, c.outputs, kTapsAtOnce);
  for (std::uint32_t x = 0; x < c.outputs; ++x)
    for (std::uint32_t band = 0; band < c.bands; ++band) {
      double sum = 0;
      for (std::uint32_t k = 0; k < weights.taps() && weights.start(x) + k < c.width; ++k)
        sum += double{weights.of(x)[k]} * row[(weights.start(x) + k) * c.bands + band];
      EXPECT_NEAR(out[x * c.bands + band], std::clamp(sum, 0.0, double{kFullLight}), 1) << x;
    }
}

TEST(RowKernels, clamp_what_the_filter_overshoots) {
  for (int level : {0, 1, 2, 3})
    if (const auto* kernels = row_kernels_of(level))
      for (std::uint32_t bands : {1u, 3u, 4u}) {
        const KernelCase c{64, bands, 16};
        std::vector<float> edge(c.width * bands);
        for (std::size_t i = edge.size() / 2; i < edge.size(); ++i) edge[i] = kFullLight;
        auto out = resample(*kernels, c, edge);
        EXPECT_EQ(*std::ranges::min_element(out), 0) << level;
        EXPECT_EQ(*std::ranges::max_element(out), kFullLight) << level;
        EXPECT_LT(out[5 * bands], 3000) << "wrapped around, level " << level;
        EXPECT_GT(out[10 * bands], 30000) << "wrapped around, level " << level;
      }
}

}  // namespace
}  // namespace tintype

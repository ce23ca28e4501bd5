#include "domain/rendition_geometry.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rendition_samples.h"

namespace tintype {

std::ostream& operator<<(std::ostream& out, const PixelSize& size) {
  return out << size.width << "x" << size.height;
}
std::ostream& operator<<(std::ostream& out, const RenditionGeometry& plan) {
  return out << "{" << plan.scaled << ", " << plan.result << "}";
}
std::ostream& operator<<(std::ostream& out, const PixelOffset& offset) {
  return out << "+" << offset.left << "+" << offset.top;
}

namespace {

constexpr int kRounds = 30'000;

RenditionSpec boxed(std::uint32_t width, std::uint32_t height, Fit fit, bool enlarge = false) {
  RenditionSpec spec;
  spec.width = width;
  spec.height = height;
  spec.fit = fit;
  spec.enlarge = enlarge;
  return spec;
}

RenditionGeometry whole(PixelSize size) { return {size, size}; }

PixelSize longest() { return {kMaxRenditionSide, kMaxRenditionSide}; }

bool fits(PixelSize part, PixelSize in) {
  return part.width <= in.width && part.height <= in.height;
}

// How many pixels a side is off what the other one asks for, at the better of the two ways.
double shape_error(PixelSize size, PixelSize shape) {
  double high = static_cast<double>(size.width) * shape.height / shape.width;
  double wide = static_cast<double>(size.height) * shape.width / shape.height;
  return std::min(std::abs(high - size.height), std::abs(wide - size.width));
}

TEST(PlanGeometry, WhatPeopleExpectOfEachFit) {
  const PixelSize photo{4000, 3000};
  const struct {
    RenditionSpec spec;
    RenditionGeometry plan;
  } cases[] = {
      {boxed(0, 0, Fit::inside), whole({4000, 3000})},
      {boxed(800, 0, Fit::inside), whole({800, 600})},
      {boxed(0, 300, Fit::inside), whole({400, 300})},
      {boxed(800, 800, Fit::inside), whole({800, 600})},
      {boxed(800, 100, Fit::inside), whole({133, 100})},
      {boxed(800, 800, Fit::outside), whole({1067, 800})},
      {boxed(800, 800, Fit::fill), whole({800, 800})},
      {boxed(800, 800, Fit::cover), {{1067, 800}, {800, 800}}},
      {boxed(800, 200, Fit::cover), {{800, 600}, {800, 200}}},
      {boxed(800, 800, Fit::contain), {{800, 600}, {800, 800}}},
      {boxed(4001, 0, Fit::inside), whole({4000, 3000})},
      {boxed(8000, 0, Fit::inside, true), whole({8000, 6000})},
      {boxed(6000, 6000, Fit::cover), {{4000, 3000}, {3000, 3000}}},
      {boxed(6000, 6000, Fit::cover, true), {{8000, 6000}, {6000, 6000}}},
      {boxed(8000, 2000, Fit::cover), {{4000, 3000}, {4000, 1000}}},
      {boxed(6000, 6000, Fit::fill), whole({3000, 3000})},
      {boxed(6000, 6000, Fit::fill, true), whole({6000, 6000})},
      {boxed(6000, 6000, Fit::contain), {{4000, 3000}, {6000, 6000}}},
      {boxed(6000, 6000, Fit::contain, true), {{6000, 4500}, {6000, 6000}}},
      {boxed(6000, 6000, Fit::outside), whole({4000, 3000})},
      {boxed(6000, 6000, Fit::outside, true), whole({8000, 6000})},
      {boxed(5000, 10, Fit::outside), whole({4000, 3000})},
  };
  for (const auto& [spec, plan] : cases)
    EXPECT_EQ(plan_geometry(spec, photo), plan) << rendition_params(spec);
}

TEST(PlanGeometry, OneSideMeansInsideWhateverTheFit) {
  for (Fit fit : {Fit::cover, Fit::contain, Fit::fill, Fit::outside}) {
    EXPECT_EQ(plan_geometry(boxed(100, 0, fit), {400, 300}), whole({100, 75}));
    EXPECT_EQ(plan_geometry(boxed(0, 100, fit), {300, 400}), whole({75, 100}));
    EXPECT_EQ(plan_geometry(boxed(0, 0, fit, true), {300, 400}), whole({300, 400}));
  }
}

TEST(PlanGeometry, NoSideIsEverLongerThanASideMayBe) {
  EXPECT_EQ(plan_geometry(boxed(0, 0, Fit::inside), {16384, 8000}), whole({8192, 4000}));
  EXPECT_EQ(plan_geometry(boxed(8192, 0, Fit::inside, true), {1, 32768}), whole({1, 8192}));
  EXPECT_EQ(plan_geometry(boxed(8000, 10, Fit::outside), {10000, 20000}), whole({4096, 8192}));
  EXPECT_EQ(plan_geometry(boxed(9000, 9000, Fit::contain), {10, 10}).result, longest());
}

TEST(PlanGeometry, SliversStaySlivers) {
  for (PixelSize sliver : {PixelSize{32768, 1}, PixelSize{1, 32768}}) {
    bool wide = sliver.height == 1;
    auto lying = [&](std::uint32_t a, std::uint32_t b) {
      return wide ? PixelSize{a, b} : PixelSize{b, a};
    };
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::inside), sliver), whole(lying(100, 1)));
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::outside), sliver), whole(lying(8192, 1)));
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::cover), sliver),
              (RenditionGeometry{sliver, {1, 1}}));
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::cover, true), sliver),
              (RenditionGeometry{sliver, {1, 1}}));
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::contain), sliver),
              (RenditionGeometry{lying(100, 1), {100, 100}}));
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::fill), sliver), whole({1, 1}));
    EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::fill, true), sliver), whole({100, 100}));
  }
  EXPECT_EQ(plan_geometry(boxed(100, 50, Fit::cover, true), {65535, 1}),
            (RenditionGeometry{{65535, 1}, {2, 1}}));
  EXPECT_EQ(plan_geometry(boxed(100, 100, Fit::cover), {0, 0}), whole({1, 1}));
}

TEST(PlanGeometry, EveryPlanKeepsTheRules) {
  RenditionSamples samples(1);
  for (int i = 0; i < kRounds; ++i) {
    auto spec = samples.raw_spec();
    auto source = samples.source();
    auto plan = plan_geometry(spec, source);
    SCOPED_TRACE(testing::Message() << rendition_params(spec) << " of " << source << ": " << plan);
    ASSERT_GE(std::min(plan.result.width, plan.result.height), 1u);
    ASSERT_GE(std::min(plan.scaled.width, plan.scaled.height), 1u);
    ASSERT_TRUE(fits(plan.result, longest()));
    ASSERT_TRUE(fits(plan.scaled, {kMaxScaledSide, kMaxScaledSide}));
    ASSERT_TRUE(spec.enlarge || fits(plan.scaled, source));
    bool both = spec.width > 0 && spec.height > 0;
    bool stretched = both && spec.fit == Fit::fill;
    ASSERT_TRUE(stretched || shape_error(plan.scaled, source) < 1.0);
    bool cut_or_padded = both && (spec.fit == Fit::cover || spec.fit == Fit::contain);
    ASSERT_TRUE(cut_or_padded || plan.scaled == plan.result);
  }
}

TEST(PlanGeometry, InsideTouchesItsBoxOrIsTheOriginal) {
  RenditionSamples samples(2);
  for (int i = 0; i < kRounds; ++i) {
    auto spec = samples.raw_spec();
    spec.fit = Fit::inside;
    auto source = samples.source();
    auto result = plan_geometry(spec, source).result;
    PixelSize box{spec.width ? spec.width : kMaxRenditionSide,
                  spec.height ? spec.height : kMaxRenditionSide};
    SCOPED_TRACE(testing::Message()
                 << rendition_params(spec) << " of " << source << ": " << result);
    ASSERT_TRUE(fits(result, box));
    bool touches = result.width == box.width || result.height == box.height;
    bool must = spec.enlarge && (spec.width || spec.height);
    ASSERT_TRUE(touches || (result == source && !must));
  }
}

TEST(PlanGeometry, BoxesAreMetExactly) {
  RenditionSamples samples(3);
  for (int i = 0; i < kRounds; ++i) {
    auto spec = samples.raw_spec();
    spec.width = samples.side(kMaxRenditionSide);
    spec.height = samples.side(kMaxRenditionSide);
    PixelSize box{spec.width, spec.height};
    auto source = samples.source();
    auto plan = plan_geometry(spec, source);
    SCOPED_TRACE(testing::Message() << rendition_params(spec) << " of " << source << ": " << plan);
    bool large_enough = fits(box, source);
    if (spec.fit == Fit::contain) {
      ASSERT_EQ(plan.result, box);
      ASSERT_TRUE(fits(plan.scaled, box));
    } else if (spec.fit == Fit::fill) {
      bool exact = spec.enlarge || large_enough;
      ASSERT_TRUE(exact ? plan.result == box : shape_error(plan.result, box) < 1.0);
    } else if (spec.fit == Fit::outside) {
      bool must = large_enough && fits(source, longest());
      ASSERT_TRUE(!must || fits(box, plan.result));
    } else if (spec.fit == Fit::cover) {
      bool sliver = std::max(plan.scaled.width, plan.scaled.height) == kMaxScaledSide;
      bool exact = large_enough || (spec.enlarge && !sliver);
      ASSERT_TRUE(exact ? plan.result == box : shape_error(plan.result, box) < 1.0);
      // Cut from one side at most, and never larger than what was asked for.
      ASSERT_TRUE(fits(plan.result, plan.scaled) && fits(plan.result, box));
      ASSERT_TRUE(plan.result.width == plan.scaled.width ||
                  plan.result.height == plan.scaled.height);
    }
  }
}

TEST(Turned, SwapsTheSidesAtQuarterTurns) {
  RenditionSpec spec;
  for (auto [degrees, expected] :
       {std::pair<int, PixelSize>{0, {3, 2}}, {90, {2, 3}}, {180, {3, 2}}, {270, {2, 3}}}) {
    spec.rotate = static_cast<std::uint16_t>(degrees);
    EXPECT_EQ(turned(spec, {3, 2}), expected) << degrees;
  }
}

TEST(Place, TendsToThePoint) {
  auto at = [](int x, int y) {
    return Gravity{Gravity::Kind::point, static_cast<std::uint16_t>(x),
                   static_cast<std::uint16_t>(y)};
  };
  const PixelSize canvas{100, 60};
  const PixelSize part{40, 60};
  EXPECT_EQ(place(at(5000, 5000), canvas, part), (PixelOffset{30, 0}));
  EXPECT_EQ(place(at(0, 0), canvas, part), (PixelOffset{0, 0}));
  EXPECT_EQ(place(at(10000, 10000), canvas, part), (PixelOffset{60, 0}));
  EXPECT_EQ(place(at(2500, 0), canvas, part), (PixelOffset{5, 0}));
  EXPECT_EQ(place(at(7000, 0), canvas, part), (PixelOffset{50, 0}));
  EXPECT_EQ(place(at(9000, 0), canvas, part), (PixelOffset{60, 0}));
  EXPECT_EQ(place(at(5000, 10000), {40, 61}, {40, 60}), (PixelOffset{0, 1}));
  EXPECT_EQ(place(at(5000, 5000), {40, 61}, {40, 60}), (PixelOffset{0, 0}));
  EXPECT_EQ(place(at(5000, 5000), {40, 40}, {50, 50}), (PixelOffset{0, 0}));
  EXPECT_EQ(place(at(10000, 10000), {32768, 32768}, {1, 1}), (PixelOffset{32767, 32767}));
}

TEST(Place, StaysWithinTheWhole) {
  RenditionSamples samples(4);
  for (int i = 0; i < kRounds; ++i) {
    auto whole_size = samples.source();
    PixelSize part{samples.number(1, whole_size.width), samples.number(1, whole_size.height)};
    auto gravity = samples.gravity();
    auto offset = place(gravity, whole_size, part);
    ASSERT_LE(offset.left + part.width, whole_size.width);
    ASSERT_LE(offset.top + part.height, whole_size.height);
    double middle = gravity.x / 10000.0 * whole_size.width - part.width / 2.0;
    double wanted = std::clamp(middle, 0.0, double(whole_size.width - part.width));
    ASSERT_LE(std::abs(offset.left - wanted), 0.5001);
  }
}

}  // namespace
}  // namespace tintype

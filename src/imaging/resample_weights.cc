#include "imaging/resample_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tintype {
namespace {

// sinc(x) sinc(x/3), t being pi x/3 and s its sine, which serves both: sin 3t = 3 sin t - 4 sin^3
// t.
double lanczos3(double t, double s) {
  if (std::abs(t) < 1e-9) return 1;
  if (std::abs(t) >= std::numbers::pi) return 0;
  return (3 - 4 * s * s) * s * s / (3 * t * t);
}

// The sines of a row of angles in equal steps: one rotation each, which costs a tenth of a sine.
class SineWalk {
 public:
  SineWalk(double angle, double step)
      : sine_(std::sin(angle)),
        cosine_(std::cos(angle)),
        turn_sine_(std::sin(step)),
        turn_cosine_(std::cos(step)) {}
  double next() {
    const double now = sine_;
    sine_ = now * turn_cosine_ + cosine_ * turn_sine_;
    cosine_ = cosine_ * turn_cosine_ - now * turn_sine_;
    return now;
  }

 private:
  double sine_, cosine_;
  double turn_sine_, turn_cosine_;
};

double catmull_rom(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

}  // namespace

ResampleWeights::ResampleWeights(std::uint32_t inputs, std::uint32_t outputs,
                                 std::uint32_t taps_at_once, double extent)
    : inputs_(inputs), start_(outputs) {
  const double scale = (extent > 0 ? extent : static_cast<double>(inputs)) / outputs;
  const double support = scale > 1 ? 3 * scale : 2;
  reach_ = std::min(inputs, static_cast<std::uint32_t>(std::ceil(2 * support)) + 1);
  taps_ = (reach_ + taps_at_once - 1) / taps_at_once * taps_at_once;
  weights_.resize(std::size_t{outputs} * taps_);
  for (std::uint32_t i = 0; i < outputs; ++i) set(i, scale, support);
}

void ResampleWeights::spread() {
  spread_.reserve(weights_.size() * 4);
  for (float weight : weights_) spread_.insert(spread_.end(), 4, weight);
}

void ResampleWeights::set(std::uint32_t output, double scale, double support) {
  const double center = (output + 0.5) * scale - 0.5;
  const auto last = static_cast<std::int64_t>(inputs_) - 1;
  const auto first = static_cast<std::int64_t>(std::floor(center - support)) + 1;
  const auto end = static_cast<std::int64_t>(std::ceil(center + support));
  const auto start = std::clamp<std::int64_t>(first, 0, last + 1 - reach_);
  float* weights = weights_.data() + std::size_t{output} * taps_;
  const double step = std::numbers::pi / (3 * scale);
  SineWalk sines((static_cast<double>(first) - center) * step, step);
  double sum = 0;
  for (std::int64_t i = first; i < end; ++i) {
    const double x = static_cast<double>(i) - center;
    const double weight = scale > 1 ? lanczos3(x * step, sines.next()) : catmull_rom(x);
    weights[std::clamp<std::int64_t>(std::clamp<std::int64_t>(i, 0, last) - start, 0,
                                     reach_ - 1)] += static_cast<float>(weight);
    sum += weight;
  }
  for (std::uint32_t k = 0; k < reach_; ++k) weights[k] /= static_cast<float>(sum);
  start_[output] = static_cast<std::uint32_t>(start);
}

}  // namespace tintype

// The weights of resizing along one side.
#pragma once

#include <cstdint>
#include <vector>

#include "imaging/aligned_vector.h"
#include "imaging/row_kernels.h"

namespace tintype {

// Lanczos with three lobes, stretched by the factor, when the side shrinks; Catmull-Rom's cubic
// when it grows. Pixels beyond the edge are those at the edge. Pixel centers are at half
// coordinates.
class ResampleWeights {
 public:
  // The taps of each output are filled up with weights of 0 to a multiple of `taps_at_once`; those
  // may reach behind the last input.
  // `extent` is what the inputs cover, in inputs: half of one less than there are when the last
  // one is the average of one pixel instead of two. 0: all of them.
  ResampleWeights(std::uint32_t inputs, std::uint32_t outputs, std::uint32_t taps_at_once = 1,
                  double extent = 0);

  RowWeights view() const {
    return {outputs(), taps_, start_.data(), weights_.data(), spread_.data()};
  }
  void spread();  // fills RowWeights::spread
  std::uint32_t outputs() const { return static_cast<std::uint32_t>(start_.size()); }
  std::uint32_t taps() const { return taps_; }
  std::uint32_t start(std::uint32_t output) const { return start_[output]; }
  const float* of(std::uint32_t output) const {
    return weights_.data() + std::size_t{output} * taps_;
  }

 private:
  void set(std::uint32_t output, double scale, double support);

  std::uint32_t inputs_;
  std::uint32_t reach_ = 0;  // taps that may have a weight
  std::uint32_t taps_ = 0;
  std::vector<std::uint32_t> start_;
  std::vector<float> weights_;
  AlignedVector<float> spread_;
};

}  // namespace tintype

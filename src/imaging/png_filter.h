// The filters of PNG (ISO/IEC 15948 §9), which make rows of pixels easier to compress.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tintype {

// Filters one row after the other, each by the filter that leaves the smallest sum of differences
// (§12.7): of the usual ways to choose, the one that is quick and good for photographs.
class PngFilter {
 public:
  // `row_bytes` of a row, `pixel_bytes` of a pixel.
  PngFilter(std::size_t row_bytes, std::size_t pixel_bytes);

  // Appends the filter's number and the filtered row.
  void append(const std::uint8_t* row, std::vector<std::uint8_t>& to);

 private:
  static constexpr int kFilters = 5;
  std::size_t row_bytes_;
  std::size_t pixel_bytes_;
  // With the zeros before them that the first pixel looks back at.
  std::vector<std::uint8_t> above_;
  std::vector<std::uint8_t> row_;
  std::vector<std::uint8_t> filtered_;  // once for each filter but the first, which changes nothing
};

}  // namespace tintype

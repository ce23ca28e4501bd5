// Resizes a picture while its rows go by: each row comes once, from top to bottom, and no more rows
// are kept than the filter reaches over. Any number of sizes can be made from one pass, and a small
// size from the rows of a larger one.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "domain/rendition_geometry.h"
#include "imaging/aligned_vector.h"
#include "imaging/resample_weights.h"

namespace tintype {

// The last rows of a picture in linear light.
class LinearRows {
 public:
  LinearRows(std::uint32_t width, std::uint32_t bands, std::uint32_t capacity);
  std::uint16_t* slot(std::uint32_t row) { return data_.data() + (row % capacity_) * stride_; }
  const std::uint16_t* row(std::uint32_t row) const {
    return data_.data() + (row % capacity_) * stride_;
  }
  std::size_t samples() const { return samples_; }

 private:
  std::uint32_t capacity_;
  std::size_t samples_;
  std::size_t stride_;
  AlignedVector<std::uint16_t> data_;
};

// 8-bit pixels, row by row, without gaps; straight alpha.
struct PixelBuffer {
  PixelSize size;
  std::uint32_t bands = 3;  // 1, 3 or 4
  std::vector<std::uint8_t> pixels;
  std::uint8_t* row(std::uint32_t y) { return pixels.data() + std::size_t{y} * size.width * bands; }
};

// One size made from the rows of a larger (or smaller) one.
class Reducer {
 public:
  // With `halved`, the rows are those of `from` averaged two by two.
  Reducer(PixelSize from, PixelSize to, std::uint32_t bands, bool halved = false);

  // Makes a further size out of this one's rows. Before the first row.
  Reducer& add(PixelSize to);
  // Where the pixels go; without one only the further sizes get them.
  void write_to(PixelBuffer* out) { out_ = out; }
  PixelSize size() const { return to_; }
  std::uint32_t rows_needed() const { return reach_; }

  // Row `index` has arrived in `rows`, which still holds the rows_needed() before it.
  void row_arrived(const LinearRows& rows, std::uint32_t index);

 private:
  void combine(const LinearRows& rows, std::uint32_t first, std::uint32_t second);
  void finish_row(const AlignedVector<float>& combined);
  void resample_combined(const AlignedVector<float>& combined, std::uint16_t* light);

  std::uint32_t from_width_;
  PixelSize to_;
  std::uint32_t bands_;
  ResampleWeights across_;
  ResampleWeights down_;
  std::uint32_t next_ = 0;   // row to make; they are made by twos
  std::uint32_t reach_ = 0;  // rows that two are made of
  std::vector<const std::uint16_t*> sources_;
  std::vector<float> shares_[2];      // what each source gives to the two
  AlignedVector<float> combined_[2];  // both, their height already reduced
  AlignedVector<float> spread_;       // one of them in pixels of four bands
  std::vector<std::uint16_t> made_;
  PixelBuffer* out_ = nullptr;
  std::vector<std::unique_ptr<Reducer>> further_;
  std::unique_ptr<LinearRows> own_rows_;
};

// Whether `from` is four times as large as each of the sizes along both sides, give or take the
// rounding of sides.
bool can_be_halved(PixelSize from, const std::vector<PixelSize>& sizes);

// Takes the 8-bit rows of one frame and makes all sizes that are wanted of it.
class FrameReducer {
 public:
  // A size is made from the frame itself, or from another wanted size that is at least `cascade`
  // times as large along both sides (0: never). With `halve`, a frame that is at least four times
  // as large as every size made from it is first averaged two by two in linear light, which is
  // quicker and a little softer.
  FrameReducer(PixelSize from, std::uint32_t bands, const std::vector<PixelSize>& wanted,
               std::uint32_t cascade, bool halve = false);

  // The next row; after the last one the buffers are full.
  void push(const std::uint8_t* row);
  // One per wanted size, in that order.
  std::vector<PixelBuffer> take() { return std::move(buffers_); }

 private:
  Reducer& plan(PixelSize to, std::uint32_t cascade);
  void push_half(const std::uint8_t* row);

  PixelSize from_;
  std::uint32_t bands_;
  bool halved_;
  std::uint32_t next_ = 0;
  std::vector<PixelBuffer> buffers_;
  std::vector<PixelBuffer*> copies_;  // wanted in the very size of the frame
  std::vector<std::unique_ptr<Reducer>> direct_;
  std::vector<Reducer*> all_;
  std::unique_ptr<LinearRows> rows_;
  AlignedVector<std::uint16_t> above_;  // of two rows that become one
};

}  // namespace tintype

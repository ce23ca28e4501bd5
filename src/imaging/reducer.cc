#include "imaging/reducer.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "imaging/linear_light.h"

namespace tintype {
namespace {

void write_codes(const std::uint16_t* light, std::uint8_t* codes, std::uint32_t pixels,
                 std::uint32_t bands) {
  if (bands == 4) from_linear_rgba(light, codes, pixels);
  else from_linear(light, codes, std::size_t{pixels} * bands);
}

void write_light(const std::uint8_t* codes, std::uint16_t* light, std::uint32_t pixels,
                 std::uint32_t bands) {
  if (bands == 4) to_linear_rgba(codes, light, pixels);
  else to_linear(codes, light, std::size_t{pixels} * bands);
}

bool is_times(PixelSize large, PixelSize small, std::uint32_t factor) {
  return std::uint64_t{large.width} >= std::uint64_t{small.width} * factor &&
         std::uint64_t{large.height} >= std::uint64_t{small.height} * factor;
}

std::uint64_t area(PixelSize size) { return std::uint64_t{size.width} * size.height; }

ResampleWeights weights_along(std::uint32_t from, std::uint32_t to, std::uint32_t at_once,
                              bool halved) {
  if (!halved) return {from, to, at_once};
  return {(from + 1) / 2, to, at_once, from / 2.0};
}

}  // namespace

bool can_be_halved(PixelSize from, const std::vector<PixelSize>& sizes) {
  return !sizes.empty() && std::ranges::all_of(sizes, [&](PixelSize to) {
    return std::uint64_t{from.width} * 101 >= std::uint64_t{to.width} * 400 &&
           std::uint64_t{from.height} * 101 >= std::uint64_t{to.height} * 400;
  });
}

LinearRows::LinearRows(std::uint32_t width, std::uint32_t bands, std::uint32_t capacity)
    : capacity_(capacity),
      samples_(std::size_t{width} * bands),
      // Rows a multiple of 64 bytes apart, but not of a page, which would share cache sets.
      stride_((samples_ + 31) / 32 * 32 + 32),
      data_(stride_ * capacity) {}

Reducer::Reducer(PixelSize from, PixelSize to, std::uint32_t bands, bool halved)
    : from_width_(from.width),
      to_(to),
      bands_(bands),
      halved_(halved),
      across_(weights_along(from.width, to.width, kTapsAtOnce, halved)),
      down_(weights_along(from.height, to.height, 1, halved)),
      sources_(down_.taps()),
      combined_((std::size_t{from.width} + kRowPadding) * bands),
      made_(std::size_t{to.width} * bands) {
  if (bands >= 3) across_.spread();
  if (bands == 3) spread_.resize((std::size_t{from.width} + kRowPadding) * 4);
  if (halved) across_.scale(0.5f);  // what comes are sums of two
}

Reducer& Reducer::add(PixelSize to) {
  further_.push_back(std::make_unique<Reducer>(to_, to, bands_));
  std::uint32_t capacity = 0;
  for (const auto& reducer : further_) capacity = std::max(capacity, reducer->rows_needed());
  own_rows_ = std::make_unique<LinearRows>(to_.width, bands_, capacity);
  return *further_.back();
}

void Reducer::row_arrived(const LinearRows& rows, std::uint32_t index) {
  while (next_ < to_.height && down_.start(next_) + down_.taps() - 1 <= index) make_row(rows);
}

void Reducer::make_row(const LinearRows& rows) {
  const std::uint32_t first = down_.start(next_);
  for (std::uint32_t k = 0; k < down_.taps(); ++k) sources_[k] = rows.row(first + k);
  row_kernels().combine_rows(sources_.data(), down_.of(next_), down_.taps(), combined_.data(),
                             rows.samples());
  std::uint16_t* light = own_rows_ ? own_rows_->slot(next_) : made_.data();
  resample_combined(light);
  if (out_) write_codes(light, out_->row(next_), to_.width, bands_);
  for (const auto& reducer : further_) reducer->row_arrived(*own_rows_, next_);
  ++next_;
}

void Reducer::resample_combined(std::uint16_t* light) {
  const auto& kernels = row_kernels();
  if (bands_ == 1) return kernels.resample_gray(combined_.data(), light, across_.view());
  if (halved_) kernels.spread_pairs(combined_.data(), spread_.data(), from_width_);
  else if (bands_ == 3) kernels.spread_row(combined_.data(), spread_.data(), from_width_);
  const auto& pixels = bands_ == 3 ? spread_ : combined_;
  kernels.resample_row(pixels.data(), light, across_.view(), bands_);
}

FrameReducer::FrameReducer(PixelSize from, std::uint32_t bands,
                           const std::vector<PixelSize>& wanted, std::uint32_t cascade, bool halve)
    : from_(from),
      bands_(bands),
      halved_(halve && bands == 3 && can_be_halved(from, wanted)),
      buffers_(wanted.size()) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return area(wanted[i]); });
  for (std::size_t i : order) {
    auto& buffer = buffers_[i];
    buffer = {wanted[i], bands, {}};
    buffer.pixels.resize(area(wanted[i]) * bands);
    if (wanted[i] == from) copies_.push_back(&buffer);
    else plan(wanted[i], cascade).write_to(&buffer);
  }
  std::uint32_t capacity = 0;
  for (const auto& reducer : direct_) capacity = std::max(capacity, reducer->rows_needed());
  if (capacity > 0) rows_ = std::make_unique<LinearRows>(from.width, bands, capacity);
  if (!halved_) return;
  above_.resize(rows_->samples());
  below_.resize(rows_->samples());
}

// The smallest size that still is large enough makes the least work.
Reducer& FrameReducer::plan(PixelSize to, std::uint32_t cascade) {
  Reducer* best = nullptr;
  for (Reducer* candidate : all_)
    if (cascade > 0 && is_times(candidate->size(), to, cascade) &&
        (!best || area(candidate->size()) < area(best->size())))
      best = candidate;
  if (best) {
    all_.push_back(&best->add(to));
  } else {
    direct_.push_back(std::make_unique<Reducer>(from_, to, bands_, halved_));
    all_.push_back(direct_.back().get());
  }
  return *all_.back();
}

void FrameReducer::push(const std::uint8_t* row) {
  for (PixelBuffer* copy : copies_)
    std::memcpy(copy->row(next_), row, std::size_t{from_.width} * bands_);
  if (halved_) {
    push_half(row);
  } else if (rows_) {
    write_light(row, rows_->slot(next_), from_.width, bands_);
    for (const auto& reducer : direct_) reducer->row_arrived(*rows_, next_);
  }
  ++next_;
}

// The last row of an odd number stands for itself.
void FrameReducer::push_half(const std::uint8_t* row) {
  const bool is_first = next_ % 2 == 0;
  const bool is_alone = is_first && next_ + 1 == from_.height;
  auto& light = is_first ? above_ : below_;
  write_light(row, light.data(), from_.width, bands_);
  if (is_first && !is_alone) return;
  const std::uint32_t index = next_ / 2;
  row_kernels().average_rows(above_.data(), light.data(), rows_->slot(index), light.size());
  for (const auto& reducer : direct_) reducer->row_arrived(*rows_, index);
}

}  // namespace tintype

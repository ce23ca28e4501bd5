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

std::uint32_t half(std::uint32_t side) { return (side + 1) / 2; }

ResampleWeights weights_along(std::uint32_t from, std::uint32_t to, std::uint32_t at_once,
                              bool halved) {
  if (!halved) return {from, to, at_once};
  return {half(from), to, at_once, from / 2.0};
}

// The rows that two neighbouring outputs are made of.
std::uint32_t farthest_reach(const ResampleWeights& weights) {
  std::uint32_t farthest = weights.taps();
  for (std::uint32_t i = 1; i < weights.outputs(); i += 2)
    farthest = std::max(farthest, weights.start(i) - weights.start(i - 1) + weights.taps());
  return farthest;
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
    : from_width_(halved ? half(from.width) : from.width),
      to_(to),
      bands_(bands),
      across_(weights_along(from.width, to.width, kTapsAtOnce, halved)),
      down_(weights_along(from.height, to.height, 1, halved)),
      reach_(farthest_reach(down_)),
      sources_(reach_),
      combined_{AlignedVector<float>((std::size_t{from_width_} + kRowPadding) * bands),
                AlignedVector<float>((std::size_t{from_width_} + kRowPadding) * bands)},
      made_(std::size_t{to.width} * bands) {
  for (auto& shares : shares_) shares.resize(reach_);
  if (bands >= 3) across_.spread();
  if (bands == 3) spread_.resize((std::size_t{from_width_} + kRowPadding) * 4);
}

Reducer& Reducer::add(PixelSize to) {
  further_.push_back(std::make_unique<Reducer>(to_, to, bands_));
  std::uint32_t capacity = 0;
  for (const auto& reducer : further_) capacity = std::max(capacity, reducer->rows_needed());
  own_rows_ = std::make_unique<LinearRows>(to_.width, bands_, capacity);
  return *further_.back();
}

void Reducer::row_arrived(const LinearRows& rows, std::uint32_t index) {
  while (next_ < to_.height) {
    const std::uint32_t second = std::min(next_ + 1, to_.height - 1);
    if (down_.start(second) + down_.taps() - 1 > index) return;
    combine(rows, next_, second);
    for (int i = 0; next_ <= second; ++i) finish_row(combined_[i]);
  }
}

// The same row twice where there is no second one.
void Reducer::combine(const LinearRows& rows, std::uint32_t first, std::uint32_t second) {
  const std::uint32_t top = down_.start(first), step = down_.start(second) - top;
  const std::uint32_t taps = down_.taps();
  for (std::uint32_t k = 0; k < taps + step; ++k) sources_[k] = rows.row(top + k);
  std::ranges::copy_n(down_.of(first), taps, shares_[0].begin());
  std::fill(shares_[0].begin() + taps, shares_[0].end(), 0.0f);
  std::fill_n(shares_[1].begin(), step, 0.0f);
  std::ranges::copy_n(down_.of(second), taps, shares_[1].begin() + step);
  row_kernels().combine_rows(sources_.data(),
                             {taps + step,
                              {shares_[0].data(), shares_[1].data()},
                              {combined_[0].data(), combined_[1].data()}},
                             rows.samples());
}

void Reducer::finish_row(const AlignedVector<float>& combined) {
  std::uint16_t* light = own_rows_ ? own_rows_->slot(next_) : made_.data();
  resample_combined(combined, light);
  if (out_) write_codes(light, out_->row(next_), to_.width, bands_);
  for (const auto& reducer : further_) reducer->row_arrived(*own_rows_, next_);
  ++next_;
}

void Reducer::resample_combined(const AlignedVector<float>& combined, std::uint16_t* light) {
  const auto& kernels = row_kernels();
  if (bands_ == 1) return kernels.resample_gray(combined.data(), light, across_.view());
  if (bands_ == 3) kernels.spread_row(combined.data(), spread_.data(), from_width_);
  const auto& pixels = bands_ == 3 ? spread_ : combined;
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
  if (capacity > 0)
    rows_ = std::make_unique<LinearRows>(halved_ ? half(from.width) : from.width, bands, capacity);
  if (halved_) above_.resize(std::size_t{from.width} * bands);
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
  if (next_ % 2 == 0) {
    write_light(row, above_.data(), from_.width, bands_);
    if (next_ + 1 < from_.height) return;
  }
  const std::uint32_t index = next_ / 2;
  row_kernels().halve_rows(above_.data(), row, rows_->slot(index), from_.width);
  for (const auto& reducer : direct_) reducer->row_arrived(*rows_, index);
}

}  // namespace tintype

#include "fronts/server/input_buffer.h"

#include <algorithm>
#include <cstring>

namespace tintype {

std::span<char> InputBuffer::space() {
  if (end_ == capacity_) {
    if (begin_ > 0) {
      std::memmove(data_.get(), data_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    } else {
      reallocate(std::max(initial, capacity_ * 2), 0);
    }
  }
  return {data_.get() + end_, capacity_ - end_};
}

void InputBuffer::consume(std::size_t n) {
  begin_ += n;
  if (begin_ == end_) begin_ = end_ = 0;
}

void InputBuffer::prepend(std::string_view bytes) {
  if (bytes.empty()) return;
  reallocate(std::max(initial, size() + bytes.size()), bytes.size());
  std::memcpy(data_.get(), bytes.data(), bytes.size());
  begin_ = 0;
}

void InputBuffer::shrink() {
  if (!empty() || capacity_ <= initial) return;
  data_.reset();
  capacity_ = begin_ = end_ = 0;
}

// Moves the bytes to `gap` in a new buffer; the gap then counts as received.
void InputBuffer::reallocate(std::size_t capacity, std::size_t gap) {
  std::unique_ptr<char[]> data(new char[capacity]);
  const std::size_t kept = size();
  if (kept > 0) std::memcpy(data.get() + gap, data_.get() + begin_, kept);
  data_ = std::move(data);
  capacity_ = capacity;
  begin_ = gap;
  end_ = gap + kept;
}

}  // namespace tintype

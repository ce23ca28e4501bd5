// InputBuffer: what was received and not yet used up. Requests stand in it in a row; `consume`
// moves the start forward, and bytes move only when room is needed behind them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tintype {

class InputBuffer {
 public:
  static constexpr std::size_t initial = 2048;  // enough for most requests

  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }

  // Room behind the bytes, at least one; views taken before are invalid. Doubles when full.
  std::span<char> space();
  void commit(std::size_t n) { end_ += n; }
  void consume(std::size_t n);
  // Puts bytes before those that are there.
  void prepend(std::string_view bytes);
  // Gives back what a large request needed; only does so when empty.
  void shrink();

 private:
  void reallocate(std::size_t capacity, std::size_t gap);

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tintype

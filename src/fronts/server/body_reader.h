// BodyReader: takes a request body apart into pieces of up to 64 KiB, whatever its framing.
//
//   body.start(request);
//   while (body.wants_bytes()) {
//     ... offer() what came with the head, else read into space() and commit() ...
//     if (body.piece_ready()) { use(body.piece()); body.drop_piece(); }
//   }
//
// The buffer exists from the first byte to release(), so that a waiting connection costs nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "fronts/server/chunk_decoder.h"
#include "handlers/http.h"

namespace tintype {

class BodyReader {
 public:
  static constexpr std::size_t capacity = 64 * 1024;

  void start(const Request& request);
  bool complete() const { return complete_; }  // every byte of the body is there
  bool bad() const { return bad_; }            // the chunks are malformed
  // Of the body as framed, still to come; for chunked bodies unknown, and then the largest number.
  std::uint64_t left() const { return complete_ ? 0 : left_; }
  std::uint64_t received() const { return received_; }  // decoded bytes so far

  // Takes what belongs to the body, as far as there is room, and returns how much.
  std::size_t offer(std::string_view bytes);
  // Counts bytes of a body with a length as received, which the caller has elsewhere.
  void skip(std::size_t n);
  std::span<char> space();
  void commit(std::size_t n);

  bool piece_ready() const;  // it is large enough, or the last
  std::string_view piece() const { return {buffer_.get(), filled_}; }
  void drop_piece();

  // Bytes behind the end of a chunked body, which belong to the next request.
  std::string_view surplus() const { return {buffer_.get() + raw_, raw_size_}; }
  void release();

 private:
  void allocate();
  void decode(std::size_t n);

  ChunkDecoder chunks_;
  bool chunked_ = false;
  bool complete_ = true;
  bool bad_ = false;
  std::uint64_t left_ = 0;
  std::uint64_t received_ = 0;
  // [0, filled_) is decoded; [raw_, raw_ + raw_size_) stands behind the end of the body.
  std::unique_ptr<char[]> buffer_;
  std::size_t filled_ = 0;
  std::size_t raw_ = 0;
  std::size_t raw_size_ = 0;
};

}  // namespace tintype

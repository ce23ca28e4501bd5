#include "fronts/server/body_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace tintype {

void BodyReader::start(RequestParser& parser, const Request& request) {
  parser_ = &parser;
  chunked_ = request.chunked;
  left_ = chunked_ ? std::numeric_limits<std::uint64_t>::max() : request.content_length.value_or(0);
  complete_ = left_ == 0;
  bad_ = false;
  received_ = 0;
  filled_ = raw_ = raw_size_ = 0;
}

std::size_t BodyReader::offer(std::string_view bytes) {
  if (bytes.empty() || complete_ || bad_) return 0;
  const std::span<char> room = space();
  const std::size_t taken = std::min(room.size(), bytes.size());
  std::memcpy(room.data(), bytes.data(), taken);
  commit(taken);
  return taken;
}

void BodyReader::skip(std::size_t n) {
  received_ += n;
  left_ -= n;
  complete_ = left_ == 0;
}

// With chunks, raw data is moved down to the decoded bytes when there is no room behind it; a piece
// is called ready before the room gets too small for a chunk header.
std::span<char> BodyReader::space() {
  allocate();
  if (!chunked_) {
    const std::size_t room = capacity - filled_;
    return {buffer_.get() + filled_,
            static_cast<std::size_t>(std::min<std::uint64_t>(room, left_))};
  }
  if (raw_ > filled_) {
    std::memmove(buffer_.get() + filled_, buffer_.get() + raw_, raw_size_);
    raw_ = filled_;
  }
  const std::size_t used = raw_ + raw_size_;
  return {buffer_.get() + used, capacity - used};
}

void BodyReader::commit(std::size_t n) {
  if (chunked_) {
    raw_size_ += n;
    decode();
    return;
  }
  filled_ += n;
  received_ += n;
  left_ -= n;
  complete_ = left_ == 0;
}

void BodyReader::decode() {
  const std::string_view raw(buffer_.get() + raw_, raw_size_);
  const RequestParser::Decoded decoded = parser_->decode_chunks(raw, buffer_.get() + filled_);
  filled_ += decoded.produced;
  received_ += decoded.produced;
  raw_ += decoded.consumed;
  raw_size_ -= decoded.consumed;
  complete_ = decoded.done;
  bad_ = decoded.bad || (!complete_ && raw_size_ >= chunk_line_limit);
}

bool BodyReader::piece_ready() const {
  return complete_ || filled_ + (chunked_ ? 2 * chunk_line_limit : 0) >= capacity;
}

void BodyReader::drop_piece() { filled_ = 0; }

void BodyReader::release() {
  buffer_.reset();
  received_ = 0;
  filled_ = raw_ = raw_size_ = 0;
}

void BodyReader::allocate() {
  if (!buffer_) buffer_.reset(new char[capacity]);
}

}  // namespace tintype

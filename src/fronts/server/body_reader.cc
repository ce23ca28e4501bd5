#include "fronts/server/body_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace tintype {

void BodyReader::start(const Request& request) {
  chunks_ = ChunkDecoder();
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

std::span<char> BodyReader::space() {
  allocate();
  const std::uint64_t room = capacity - filled_;
  return {buffer_.get() + filled_, static_cast<std::size_t>(std::min(room, left_))};
}

void BodyReader::commit(std::size_t n) {
  if (chunked_) return decode(n);
  filled_ += n;
  received_ += n;
  left_ -= n;
  complete_ = left_ == 0;
}

// Decodes in place: what is left of n framed bytes follows the decoded ones.
void BodyReader::decode(std::size_t n) {
  char* start = buffer_.get() + filled_;
  const ChunkDecoder::Step step = chunks_.decode({start, n}, start);
  raw_ = filled_ + step.consumed;
  raw_size_ = n - step.consumed;
  filled_ += step.produced;
  received_ += step.produced;
  complete_ = chunks_.done();
  bad_ = chunks_.bad();
}

bool BodyReader::piece_ready() const { return complete_ || filled_ == capacity; }

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

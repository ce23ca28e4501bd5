#include "fronts/server/chunk_decoder.h"

#include <algorithm>
#include <cstring>

namespace tintype {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::decode(std::string_view raw, char* out) {
  Step step;
  while (step.consumed < raw.size() && !done() && !bad()) {
    if (state_ != State::data) {
      state_ = next(raw[step.consumed++]);
      continue;
    }
    const std::size_t n = std::min<std::uint64_t>(left_, raw.size() - step.consumed);
    std::memmove(out + step.produced, raw.data() + step.consumed, n);
    step.consumed += n;
    step.produced += n;
    left_ -= n;
    if (left_ == 0) state_ = State::data_cr;
  }
  return step;
}

ChunkDecoder::State ChunkDecoder::next(char c) {
  switch (state_) {
    case State::size: return next_in_size(c);
    case State::space:
      if (c == ' ' || c == '\t') return count_overhead(State::space);
      if (c == ';') return State::extension;
      return c == '\r' ? State::size_lf : State::bad;
    case State::extension:
      if (c == '\r') return State::size_lf;
      return is_control(c) ? State::bad : count_overhead(State::extension);
    case State::size_lf:
      digits_ = 0;
      if (c != '\n') return State::bad;
      return left_ > 0 ? State::data : State::trailer_start;
    case State::data_cr: return c == '\r' ? State::data_lf : State::bad;
    case State::data_lf: return c == '\n' ? State::size : State::bad;
    case State::trailer_start:
    case State::trailer: return next_in_trailer(c);
    case State::trailer_lf: return c == '\n' ? State::trailer_start : State::bad;
    case State::final_lf: return c == '\n' ? State::done : State::bad;
    default: return state_;
  }
}

ChunkDecoder::State ChunkDecoder::next_in_size(char c) {
  if (const int digit = hex_value(c); digit >= 0) {
    left_ = left_ * 16 + static_cast<unsigned>(digit);
    return ++digits_ <= 15 ? State::size : State::bad;
  }
  if (digits_ == 0) return State::bad;
  if (c == '\r') return State::size_lf;
  if (c == ';') return State::extension;
  return c == ' ' || c == '\t' ? State::space : State::bad;
}

ChunkDecoder::State ChunkDecoder::next_in_trailer(char c) {
  if (state_ == State::trailer_start) {
    if (c == '\r') return State::final_lf;
    if (c == ':' || c == ' ' || c == '\t') return State::bad;
    colon_ = false;
  }
  if (c == '\r') return colon_ ? State::trailer_lf : State::bad;
  if (is_control(c)) return State::bad;
  colon_ = colon_ || c == ':';
  return count_overhead(State::trailer);
}

ChunkDecoder::State ChunkDecoder::count_overhead(State state) {
  return ++overhead_ <= overhead_limit ? state : State::bad;
}

}  // namespace tintype

// Decodes Transfer-Encoding: chunked (RFC 9112 §7.1) as the bytes come, wherever they are cut.
//
// Strict where leniency would let two parsers disagree: only CRLF ends a line, sizes are up to 15
// hex digits, nothing but an extension follows them. Extensions and trailers are checked for form
// and ignored. docs/adr/server-chunk-decoder.md says why this is not Beast's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tintype {

class ChunkDecoder {
 public:
  // All extensions, and all trailers, of one body may take so many bytes.
  static constexpr std::size_t overhead_limit = 8 * 1024;

  struct Step {
    std::size_t consumed = 0;  // all of `raw`, unless the body is done or bad
    std::size_t produced = 0;  // bytes written to `out`
  };
  // `out` may be `raw.data()` or lie before it in the same buffer.
  Step decode(std::string_view raw, char* out);

  bool done() const { return state_ == State::done; }
  bool bad() const { return state_ == State::bad; }

 private:
  enum class State : std::uint8_t {
    size,       // in the digits, or before them
    space,      // behind the digits
    extension,  // behind `;`
    size_lf,    // CR was seen
    data,
    data_cr,
    data_lf,
    trailer_start,  // a trailer or the final CRLF
    trailer,
    trailer_lf,
    final_lf,
    done,
    bad,
  };
  State next(char c);
  State next_in_size(char c);
  State next_in_trailer(char c);
  State count_overhead(State state);

  State state_ = State::size;
  bool colon_ = false;  // the trailer line has a name
  unsigned digits_ = 0;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t overhead_ = 0;
};

}  // namespace tintype

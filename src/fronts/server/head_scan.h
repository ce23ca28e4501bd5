// Finds the end of a request head in bytes that arrive piece by piece, each byte looked at once.
//
// It is also the first defence against request smuggling: only CRLF ends a line (a bare LF is an
// error, bare CRs are left to the parser) and no line starts with a space (obs-fold, RFC 9112
// §5.2).
#pragma once

#include <cstddef>
#include <string_view>

namespace tintype {

class HeadScan {
 public:
  enum class Status { need_more, complete, bad_line_ending, folded };

  // `bytes` starts at the request line and only grows from call to call.
  Status scan(std::string_view bytes);
  std::size_t size() const { return line_; }  // of the whole head, once complete
  bool request_line_seen() const { return line_ > 0; }
  void reset() { line_ = next_ = 0; }

 private:
  std::size_t line_ = 0;  // where the current line starts
  std::size_t next_ = 0;  // the first byte not looked at
};

}  // namespace tintype

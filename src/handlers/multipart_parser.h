// MultipartParser: multipart/form-data (RFC 7578, RFC 2046 §5.1) as it streams in.
//
// Feed it the body in pieces of any size; it tells its PartHandler where each part begins, its
// bytes and its end. It holds back no more than a delimiter's length of a part's bytes, and no more
// than 8 KiB of a part's headers. Errors: `invalid` with code `invalid_multipart`, or what the
// handler returned; after an error it must not be used again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tintype {

struct PartHeaders {
  std::string name;
  std::optional<std::string> filename;  // set for files
  std::string content_type;             // empty when not given
};

class PartHandler {
 public:
  virtual ~PartHandler() = default;
  virtual Result<void> on_part(const PartHeaders& headers) = 0;
  virtual Result<void> on_data(std::string_view bytes) = 0;
  virtual Result<void> on_part_end() = 0;
};

// The boundary of a `multipart/form-data; boundary=...` header value. Errors: `invalid`.
Result<std::string> multipart_boundary(std::string_view content_type);

class MultipartParser {
 public:
  // `handler` must outlive the parser.
  MultipartParser(std::string_view boundary, PartHandler& handler);

  Result<void> feed(std::string_view bytes);
  // The body has ended: an error unless the closing delimiter was seen.
  Result<void> finish() const;

 private:
  enum class State : std::uint8_t { start, delimiter_end, headers, data, done };

  Result<bool> step();  // false: more bytes are needed
  Result<bool> take_start();
  Result<bool> take_delimiter_end();
  Result<bool> take_headers();
  Result<bool> take_data();

  std::string delimiter_;  // CRLF "--" boundary
  PartHandler& handler_;
  State state_ = State::start;
  bool first_crlf_ = false;  // buffer_ begins with the CRLF that ended the headers
  std::string buffer_;
};

}  // namespace tintype

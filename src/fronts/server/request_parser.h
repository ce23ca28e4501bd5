// Turns bytes into a Request, strictly: Beast parses, and what an intermediary might read in
// another way than we do (RFC 9112 §11.2) is refused.
//
// The views in the Request point into the bytes given to parse_head, which must stay where they
// are.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "handlers/http.h"

namespace tintype {

// Why a request is refused before it became one; arguments for HttpApi::refuse.
struct Refusal {
  int status = 400;
  std::string_view code;
  std::string_view detail;
};

// What the server itself needs to know of a request.
struct RequestTraits {
  bool http11 = true;
  bool keep_alive = true;
  bool expects_continue = false;
};

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  // `head` is a whole head with its blank line. Fills `request` but for remote_address.
  std::optional<Refusal> parse_head(std::string_view head, std::size_t header_count_limit,
                                    Request& request, RequestTraits& traits);

  // Decodes a chunked body in place, after parse_head. The decoded bytes are moved to `out`, which
  // may lie before `raw.data()` in the same buffer but not behind it.
  struct Decoded {
    std::size_t consumed = 0;  // of `raw`; the rest must be given again with more behind it
    std::size_t produced = 0;  // at `out`
    bool done = false;         // the last chunk and the trailers were seen
    bool bad = false;
  };
  Decoded decode_chunks(std::string_view raw, char* out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype

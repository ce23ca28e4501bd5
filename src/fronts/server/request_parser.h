// Turns bytes into a Request, strictly: Beast parses, and what an intermediary might read in
// another way than we do (RFC 9112 §11.2) is refused.
//
// The views in the Request point into the bytes given to parse_request_head, which must stay where
// they are.
#pragma once

#include <cstddef>
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

// `head` is a whole head with its blank line. Fills `request` but for remote_address.
std::optional<Refusal> parse_request_head(std::string_view head, std::size_t header_count_limit,
                                          Request& request, RequestTraits& traits);

}  // namespace tintype

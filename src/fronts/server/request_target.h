// The request target (RFC 9112 §3.2): origin-form, absolute-form, or `*` for OPTIONS.
#pragma once

#include <optional>
#include <string_view>

namespace tintype {

struct RequestTarget {
  std::string_view path;       // as sent; starts with `/`, or is `*`
  std::string_view query;      // as sent, without `?`
  std::string_view authority;  // of an absolute-form target, which stands above the Host header
};

// Nothing when the target has no form that an origin server answers: authority-form, another
// scheme than http(s), a fragment, or `*` with another method than OPTIONS.
std::optional<RequestTarget> parse_request_target(std::string_view target, bool is_options);

}  // namespace tintype

// The status line and headers of an answer.
#pragma once

#include <string>
#include <string_view>

#include "handlers/http.h"

namespace tintype {

// Whether an answer of this status may have a body and a Content-Length (RFC 9110 §6.4.1, §8.6).
bool allows_body(int status);

enum class ConnectionHeader { none, keep_alive, close };

// Appends the head with its blank line. Control characters in header values, which could end the
// head early, become spaces. `date` is an HTTP date.
void append_response_head(std::string& out, const Response& response, ConnectionHeader connection,
                          std::string_view date);

// Bytes of the body, and what Content-Length says.
std::uint64_t body_length(const Response& response);

}  // namespace tintype

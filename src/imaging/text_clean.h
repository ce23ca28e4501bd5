// Text that a file carries, made fit for JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tintype {

// Cuts at the first NUL, reads bytes that are not valid UTF-8 as Latin-1, drops control characters
// and surrounding space, and keeps at most `max_bytes` without splitting a character.
std::string clean_text(std::string_view bytes, std::size_t max_bytes);

// UTF-16BE to UTF-8, to the first NUL; unpaired surrogates become U+FFFD.
std::string utf16be_to_utf8(std::string_view bytes);

}  // namespace tintype

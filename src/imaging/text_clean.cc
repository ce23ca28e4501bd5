#include "imaging/text_clean.h"

#include <cstdint>

#include "base/encoding.h"

namespace tintype {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) return put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  if (c < 0x10000) {
    put(0xE0 | c >> 12);
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
  }
  put(0x80 | (c >> 6 & 0x3F));
  put(0x80 | (c & 0x3F));
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string out;
  for (char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string clean_text(std::string_view bytes, std::size_t max_bytes) {
  bytes = bytes.substr(0, bytes.find('\0'));
  if (bytes.size() > 4 * max_bytes) {  // bounds the work
    std::size_t cut = 4 * max_bytes;
    while (cut > 4 * max_bytes - 3 && continues(bytes[cut])) --cut;
    bytes = bytes.substr(0, cut);
  }
  std::string text = is_valid_utf8(bytes) ? std::string(bytes) : latin1_to_utf8(bytes);
  std::erase_if(text, is_control);
  std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  text.erase(0, first);
  if (text.size() > max_bytes) {
    std::size_t cut = max_bytes;
    while (cut > 0 && continues(text[cut])) --cut;
    text.resize(cut);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string utf16be_to_utf8(std::string_view bytes) {
  std::string out;
  auto unit = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(bytes[i]) << 8 | static_cast<unsigned char>(bytes[i + 1]);
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c == 0) break;
    bool high = c >= 0xD800 && c < 0xDC00;
    std::uint32_t low = high && i + 3 < bytes.size() ? unit(i + 2) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    } else if (c >= 0xD800 && c < 0xE000) {
      c = 0xFFFD;
    }
    append_utf8(out, c);
  }
  return out;
}

}  // namespace tintype

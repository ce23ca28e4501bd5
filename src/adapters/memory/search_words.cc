#include "adapters/memory/search_words.h"

#include <algorithm>

namespace tintype {
namespace {

using Tokens = std::vector<std::string>;

// What U+00C0-U+00FF and U+0100-U+017F become without case and diacritics; `.` keeps the letter.
constexpr std::string_view kLatin1 =
    "aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y";
constexpr std::string_view kLatinA =
    "aaaaaaccccccccdd..eeeeeeeeeegggggggghh..iiiiiiiii...jjkk.llllll...."
    "nnnnnn...oooooo..rrrrrrsssssssstttt..uuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin1.size() == 64 && kLatinA.size() == 128);

// Reads one character and advances; 0 for an ill-formed byte.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) -> std::uint8_t {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
  };
  const std::uint8_t first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0) return 0;
  char32_t c = first & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if ((byte(at) & 0xC0) != 0x80) return 0;
    c = (c << 6) | (byte(at++) & 0x3F);
  }
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool is_token_character(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c < 0xC0) return c == 0xAA || c == 0xB2 || c == 0xB3 || c == 0xB5 || c == 0xB9 || c >= 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  return !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040 && c != 0x3005) &&
         !(c >= 0xFF00 && c < 0xFF10) && !(c >= 0x1F000 && c < 0x1FB00);
}

bool is_combining(char32_t c) { return c >= 0x300 && c < 0x370; }

char32_t fold(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c < 0x180) {
    const char base = c < 0x100 ? kLatin1[c - 0xC0] : kLatinA[c - 0x100];
    if (base != '.') return static_cast<char32_t>(base);
    if (c < 0xDF) return c + 32;
    return c >= 0x100 && c % 2 == ((c >= 0x139 && c < 0x149) ? 1u : 0u) && c != 0x138 ? c + 1 : c;
  }
  if ((c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

bool occurs_in(const Tokens& part, const Tokens& text) {
  return std::search(text.begin(), text.end(), part.begin(), part.end()) != text.end();
}

std::string joined(const std::vector<std::string>& tags) {
  std::string out;
  for (const auto& tag : tags) out.append(tag).append(" ");
  return out;
}

// The whitespace-separated parts of a query as tokens, those without any left out.
std::vector<Tokens> query_parts(std::string_view words) {
  std::vector<Tokens> parts;
  std::size_t at = 0;
  while (at < words.size()) {
    const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    const std::size_t start = at;
    while (at < words.size() && !is_space(words[at])) ++at;
    if (auto tokens = search_tokens(words.substr(start, at - start)); !tokens.empty())
      parts.push_back(std::move(tokens));
    ++at;
  }
  return parts;
}

}  // namespace

std::vector<std::string> search_tokens(std::string_view text) {
  Tokens tokens;
  std::string token;
  const auto end_token = [&] {
    if (!token.empty()) tokens.push_back(std::move(token));
    token.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (is_combining(c)) continue;
    if (c != 0 && is_token_character(c)) append_utf8(token, fold(c));
    else end_token();
  }
  end_token();
  return tokens;
}

bool contains_words(const ImageMetadata& image, std::string_view words) {
  const auto parts = query_parts(words);
  const Tokens fields[] = {search_tokens(image.description.value_or("")),
                           search_tokens(image.filename), search_tokens(joined(image.tags))};
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const Tokens& part) {
    return std::any_of(std::begin(fields), std::end(fields),
                       [&](const Tokens& field) { return occurs_in(part, field); });
  });
}

}  // namespace tintype

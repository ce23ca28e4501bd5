#include "base/unicode.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace tintype {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

struct LowerRun {
  char32_t first;
  char32_t last;
  std::uint8_t step;
  std::int32_t delta;
};

#include "base/unicode_tables.inc"

constexpr Range kSpaces[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                             {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                             {0x205F, 0x205F}, {0x3000, 0x3000}};
constexpr Range kUnprintable[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
                                  {0x61C, 0x61C},   {0x180E, 0x180E}, {0x200B, 0x200B},
                                  {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
                                  {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}};

// The row whose first..last holds `c`, or nullptr. Rows are sorted and do not overlap.
template <typename Row, std::size_t count>
const Row* find_row(const Row (&rows)[count], char32_t c) {
  auto after = std::upper_bound(std::begin(rows), std::end(rows), c,
                                [](char32_t value, const Row& row) { return value < row.first; });
  if (after == std::begin(rows)) return nullptr;
  const Row* row = std::prev(after);
  return c <= row->last ? row : nullptr;
}

std::size_t sequence_length(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

}  // namespace

char32_t take_code_point(std::string_view& text) {
  auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = sequence_length(lead);
  char32_t c = length == 1 ? lead : lead & (0xFFu >> (length + 1));
  for (char next : text.substr(1, length - 1)) c = c << 6 | (static_cast<unsigned char>(next) & 63);
  text.remove_prefix(std::min(length, text.size()));
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 63));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 63));
    put(0x80 | (c & 63));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 63));
    put(0x80 | (c >> 6 & 63));
    put(0x80 | (c & 63));
  }
}

bool is_letter_or_digit(char32_t c) { return find_row(kLettersAndDigits, c) != nullptr; }
bool is_combining_mark(char32_t c) { return find_row(kMarks, c) != nullptr; }
bool is_space(char32_t c) { return find_row(kSpaces, c) != nullptr; }
bool is_unprintable(char32_t c) { return find_row(kUnprintable, c) != nullptr; }

char32_t to_lower(char32_t c) {
  const LowerRun* run = find_row(kLower, c);
  if (run == nullptr || (c - run->first) % run->step != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + run->delta);
}

std::string_view trim_spaces(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view before = rest;
    if (is_space(take_code_point(rest))) continue;
    text = before;
    break;
  }
  // `text` now starts at the first character that is no space; find the end of the last such one.
  std::size_t end = 0;
  for (rest = text; !rest.empty();)
    if (!is_space(take_code_point(rest))) end = text.size() - rest.size();
  return text.substr(0, end);
}

}  // namespace tintype

// Characters of well-formed UTF-8, and the few properties of them that rules need. The same in
// every locale and on every system: the tables are part of the program (Unicode 14, see
// scripts/generate-unicode-tables), not of the C library.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// Removes the first character from `text`, which must be non-empty and well-formed
// (is_valid_utf8), and yields its code point.
char32_t take_code_point(std::string_view& text);
void append_utf8(std::string& out, char32_t code_point);

// General categories L* and N*, without the few that cannot be seen (Hangul fillers).
bool is_letter_or_digit(char32_t c);
// Combining marks, categories Mn and Mc, without variation selectors and other invisible ones. Many
// scripts (Devanagari, Thai, Arabic with vowels, ...) cannot be written without marks.
bool is_combining_mark(char32_t c);
// Simple_Lowercase_Mapping: one code point to one code point; itself when there is no lower case.
char32_t to_lower(char32_t c);

// White_Space (PropList.txt).
bool is_space(char32_t c);
// Characters that act instead of being shown: controls (Cc), line and paragraph separators,
// bidirectional controls, and invisible format characters. The joiners U+200C and U+200D are not
// among them: Persian and emoji need them.
bool is_unprintable(char32_t c);

// `text`, which must be well-formed, without white space at both ends.
std::string_view trim_spaces(std::string_view text);

}  // namespace tintype

// Small text helpers shared by the files of this module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tintype::sigv4 {

// Lower-cases A-Z alone, whatever the locale.
std::string ascii_lower(std::string_view text);
// True when both are equal but for the case of A-Z.
bool equal_ignoring_case(std::string_view a, std::string_view b);
// The pieces between the separators, empty ones included; at least one. They point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);
// Text from outside, fit for an error's detail: at most 100 characters, all printable ASCII.
std::string printable(std::string_view text);

}  // namespace tintype::sigv4

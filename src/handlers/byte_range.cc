#include "handlers/byte_range.h"

#include <algorithm>
#include <charconv>

namespace tintype {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  // A number too large for 64 bits lies behind the end of every object.
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

RangeDecision part(std::uint64_t first, std::uint64_t last) {
  return {RangeDecision::Kind::part, {first, last}};
}

}  // namespace

RangeDecision decide_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const RangeDecision unsatisfiable{RangeDecision::Kind::unsatisfiable, {}};
  if (!header.starts_with(kUnit)) return {};
  header.remove_prefix(kUnit.size());
  auto dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return {};
  auto first = number(header.substr(0, dash));
  auto last = number(header.substr(dash + 1));
  if (dash == 0) {  // the last N bytes
    if (!last) return {};
    if (*last == 0 || size == 0) return unsatisfiable;
    return part(size - std::min(*last, size), size - 1);
  }
  bool open_end = dash + 1 == header.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return {};
  if (*first >= size) return unsatisfiable;
  return part(*first, open_end ? size - 1 : std::min(*last, size - 1));
}

}  // namespace tintype

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

RangeDecision requested_range(const Request& request, std::uint64_t size, std::string_view etag,
                              std::string_view modified) {
  auto header = request.header("range");
  if (!header) return {};
  auto condition = request.header("if-range");
  if (condition && *condition != etag && *condition != modified) return {};
  return decide_range(*header, size);
}

void cut_to_range(Response& response, const ByteRange& range) {
  const std::uint64_t length = range.last - range.first + 1;
  response.status = 206;
  response.set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                    std::to_string(range.last) + "/" +
                                    std::to_string(response.content_length()));
  if (auto* file = std::get_if<FileBody>(&response.body)) {
    file->offset += range.first;
    file->length = length;
  } else if (const auto* shared = std::get_if<SharedBody>(&response.body)) {
    response.body = (*shared)->substr(range.first, length);
  } else {
    auto& text = std::get<std::string>(response.body);
    text = text.substr(range.first, length);
  }
}

}  // namespace tintype

#include "domain/format_choice.h"

#include <algorithm>

namespace tintype {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Takes what stands before the separator from the front of `text`, and the separator. One within a
// quoted string is none.
std::string_view take_part(std::string_view& text, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != separator); ++end) {
    if (text[end] == '"') quoted = !quoted;
    else if (quoted && text[end] == '\\') ++end;
  }
  end = std::min(end, text.size());
  auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(part);
}

// False for a weight of 0, and for what is no weight: the client then gets a format that all know.
bool is_wanted_weight(std::string_view weight) {
  bool one = weight.starts_with('1');
  if (!one && !weight.starts_with('0')) return false;
  weight.remove_prefix(1);
  if (weight.empty()) return one;
  if (weight.front() != '.' || weight.size() > 4) return false;
  weight.remove_prefix(1);
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::ranges::all_of(weight, is_digit)) return false;
  bool zeros = std::ranges::all_of(weight, [](char c) { return c == '0'; });
  return one == zeros;  // 1.000 at most, more than 0.000
}

bool has_wanted_weight(std::string_view parameters) {
  while (!parameters.empty()) {
    auto parameter = take_part(parameters, ';');
    if (parameter.size() >= 2 && lower(parameter[0]) == 'q' && parameter[1] == '=')
      return is_wanted_weight(parameter.substr(2));
  }
  return true;
}

bool is_animation(const RenditionSpec& spec, const ImageFacts& facts) {
  return facts.animated() && spec.animated != false;
}

bool is_transparent(const RenditionSpec& spec, const ImageFacts& facts) {
  return facts.has_alpha && !(spec.background && spec.background->alpha == 255);
}

}  // namespace

AcceptedFormats accepted_formats(std::string_view accept) {
  AcceptedFormats out;
  while (!accept.empty()) {
    auto range = take_part(accept, ',');
    auto type = take_part(range, ';');
    bool avif = equal_ignoring_case(type, "image/avif");
    bool webp = equal_ignoring_case(type, "image/webp");
    if (!(avif || webp) || !has_wanted_weight(range)) continue;
    (avif ? out.avif : out.webp) = true;
  }
  return out;
}

MediaType choose_format(const RenditionSpec& spec, const ImageFacts& facts,
                        const AcceptedFormats& accepted) {
  if (spec.format) return *spec.format;
  if (accepted.webp) return MediaType::webp;
  if (is_animation(spec, facts)) return MediaType::gif;
  return is_transparent(spec, facts) ? MediaType::png : MediaType::jpeg;
}

bool prefers_avif(const RenditionSpec& spec, const ImageFacts& facts,
                  const AcceptedFormats& accepted) {
  return accepted.avif && !spec.format && !is_animation(spec, facts);
}

}  // namespace tintype

#include "handlers/http.h"

#include <algorithm>
#include <array>

namespace tintype {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view method_name(Method method) {
  auto index = static_cast<std::size_t>(method);
  return index < kMethods.size() ? kMethods[index] : "OTHER";
}

Method parse_method(std::string_view text) {
  for (std::size_t i = 0; i < kMethods.size(); ++i)
    if (kMethods[i] == text) return static_cast<Method>(i);
  return Method::other;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

std::string Request::joined_headers(std::string_view name) const {
  std::string joined;
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) joined.append(joined.empty() ? "" : ", ").append(value);
  return joined;
}

std::uint64_t Response::content_length() const {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* shared = std::get_if<SharedBody>(&body)) return (*shared)->size();
  return std::get<FileBody>(body).length;
}

}  // namespace tintype

#include "imaging/copyright.h"

#include <cstdint>

namespace tintype {
namespace {

constexpr std::uint16_t kCopyright = 0x8298;
constexpr std::uint16_t kAscii = 2;
constexpr std::uint32_t kDirectory = 8;                   // right behind the header
constexpr std::uint32_t kText = kDirectory + 2 + 12 + 4;  // count, one entry, no next directory

void append_be(std::string& to, std::uint32_t value, int bytes) {
  while (bytes-- > 0) to.push_back(static_cast<char>(value >> (8 * bytes)));
}

void append_escaped(std::string& to, std::string_view text) {
  for (char c : text) {
    if (c == '&') to += "&amp;";
    else if (c == '<') to += "&lt;";
    else if (c == '>') to += "&gt;";
    else to += c;
  }
}

}  // namespace

std::string copyright_exif(std::string_view text) {
  std::string tiff;
  if (text.empty()) return tiff;
  tiff = "MM";
  append_be(tiff, 42, 2);
  append_be(tiff, kDirectory, 4);
  append_be(tiff, 1, 2);
  append_be(tiff, kCopyright, 2);
  append_be(tiff, kAscii, 2);
  const auto size = static_cast<std::uint32_t>(text.size() + 1);
  append_be(tiff, size, 4);
  // Up to four bytes stand in the entry itself.
  if (size <= 4) {
    tiff.append(text).append(4 - text.size(), '\0');
    append_be(tiff, 0, 4);
    return tiff;
  }
  append_be(tiff, kText, 4);
  append_be(tiff, 0, 4);
  return tiff.append(text).append(1, '\0');
}

std::string copyright_xmp(std::string_view text) {
  std::string xmp;
  if (text.empty()) return xmp;
  xmp =
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
      "<dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">";
  append_escaped(xmp, text);
  return xmp += "</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>";
}

}  // namespace tintype

// sniff_unsupported of domain/media_type.h: so that the answer can say "a TIFF file" where "not an
// image" would send the user looking for the wrong fault.
#include <algorithm>
#include <array>
#include <cctype>

#include "domain/media_type.h"

namespace tintype {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMarkupPrefix = 512;

struct Signature {
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array<Signature, 18> kSignatures = {{
    {"II*\0"sv, "a TIFF file"},
    {"MM\0*"sv, "a TIFF file"},
    {"II+\0"sv, "a BigTIFF file"},
    {"MM\0+"sv, "a BigTIFF file"},
    {"II\xBC\x01"sv, "a JPEG XR file"},
    {"IIRO"sv, "a camera's raw file"},
    {"IIU\0"sv, "a camera's raw file"},
    {"FUJIFILMCCD-RAW"sv, "a camera's raw file"},
    {"8BPS"sv, "a Photoshop file"},
    {"%PDF-"sv, "a PDF document"},
    {"%!PS"sv, "a PostScript document"},
    {"\xFF\x0A"sv, "a JPEG XL file"},
    {"\0\0\0\x0CJXL \r\n\x87\n"sv, "a JPEG XL file"},
    {"\0\0\0\x0CjP  \r\n\x87\n"sv, "a JPEG 2000 file"},
    {"\xFF\x4F\xFF\x51"sv, "a JPEG 2000 file"},
    {"v/1\x01"sv, "an OpenEXR file"},
    {"qoif"sv, "a QOI file"},
    {"gimp xcf "sv, "a GIMP file"},
}};

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// `BM` alone could begin a text: the reserved bytes and the size of the second header decide.
bool is_bmp(std::string_view bytes) {
  if (bytes.size() < 18 || !bytes.starts_with("BM") || bytes.substr(6, 4) != "\0\0\0\0"sv)
    return false;
  static constexpr std::array<unsigned, 7> kHeaderSizes = {12, 40, 52, 56, 64, 108, 124};
  bool small = bytes.substr(15, 3) == "\0\0\0"sv;
  return small && std::find(kHeaderSizes.begin(), kHeaderSizes.end(), byte_at(bytes, 14)) !=
                      kHeaderSizes.end();
}

// An icon or cursor with at least one picture, whose reserved byte is zero.
bool is_icon(std::string_view bytes) {
  if (bytes.size() < 10) return false;
  if (!bytes.starts_with("\0\0\1\0"sv) && !bytes.starts_with("\0\0\2\0"sv)) return false;
  return (byte_at(bytes, 4) | byte_at(bytes, 5)) != 0 && byte_at(bytes, 9) == 0;
}

bool is_markup(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF"sv)) bytes.remove_prefix(3);
  bytes = bytes.substr(0, kMarkupPrefix);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  auto starts_with = [&](std::string_view word) {
    auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    return bytes.size() >= word.size() && std::equal(word.begin(), word.end(), bytes.begin(),
                                                     [&](char b, char a) { return same(a, b); });
  };
  return starts_with("<svg") || starts_with("<?xml") || starts_with("<!doctype svg");
}

}  // namespace

std::optional<std::string_view> sniff_unsupported(std::string_view bytes) {
  for (const auto& signature : kSignatures)
    if (bytes.starts_with(signature.bytes)) return signature.name;
  if (is_bmp(bytes)) return "a BMP file"sv;
  if (is_icon(bytes)) return "an icon"sv;
  if (is_markup(bytes)) return "an SVG or XML document"sv;
  return std::nullopt;
}

}  // namespace tintype

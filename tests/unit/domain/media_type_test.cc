#include "domain/media_type.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr MediaType kAll[] = {MediaType::jpeg, MediaType::png,  MediaType::webp, MediaType::gif,
                              MediaType::avif, MediaType::heic, MediaType::heif};

std::string ftyp(std::string_view brands) {  // major brand, then compatible ones
  std::string box = "\0\0\0"s + static_cast<char>(12 + brands.size()) + "ftyp";
  return box.append(brands.substr(0, 4)).append(4, '\0').append(brands.substr(4));
}

TEST(MediaTypeNames, AreReadAsTheyAreWritten) {
  for (MediaType type : kAll) {
    EXPECT_EQ(parse_media_type(media_type_name(type)), type);
    EXPECT_TRUE(file_extension(type).starts_with('.'));
  }
  EXPECT_EQ(file_extension(MediaType::jpeg), ".jpg");
}

TEST(MediaTypeNames, IgnoreCaseAndParameters) {
  EXPECT_EQ(parse_media_type("  Image/PNG ; charset=x"), MediaType::png);
  for (std::string_view text : {"", ";", "image", "image/", "image/jpegx", "image/svg+xml",
                                "image/tiff", "image/png,image/gif", "text/html"})
    EXPECT_EQ(parse_media_type(text), std::nullopt) << text;
}

TEST(Sniffing, KnowsTheAcceptedTypes) {
  EXPECT_EQ(sniff_media_type("\xFF\xD8\xFF"sv), MediaType::jpeg);
  EXPECT_EQ(sniff_media_type("\x89PNG\r\n\x1A\n\0"sv), MediaType::png);
  EXPECT_EQ(sniff_media_type("GIF87a"sv), MediaType::gif);
  EXPECT_EQ(sniff_media_type("GIF89a"sv), MediaType::gif);
  EXPECT_EQ(sniff_media_type("RIFF\x10\0\0\0WEBPVP8 "sv), MediaType::webp);
  EXPECT_EQ(sniff_media_type(ftyp("avifmif1miaf")), MediaType::avif);
  EXPECT_EQ(sniff_media_type(ftyp("avis")), MediaType::avif);
  for (std::string_view brand : {"heic", "heix", "hevc", "hevx", "heim", "heis"})
    EXPECT_EQ(sniff_media_type(ftyp(brand)), MediaType::heic) << brand;
}

TEST(Sniffing, LooksBehindTheGeneralBrand) {
  EXPECT_EQ(sniff_media_type(ftyp("mif1")), MediaType::heif);
  EXPECT_EQ(sniff_media_type(ftyp("msf1miaf")), MediaType::heif);
  EXPECT_EQ(sniff_media_type(ftyp("mif1miafheic")), MediaType::heic);
  EXPECT_EQ(sniff_media_type(ftyp("mif1avif")), MediaType::avif);
  EXPECT_EQ(sniff_media_type(ftyp("zzzzmif1")), MediaType::heif);
  EXPECT_EQ(sniff_media_type(ftyp("mif1") + "avif"), MediaType::heif) << "beyond the box";
  EXPECT_EQ(sniff_media_type(ftyp("isommp42")), std::nullopt) << "a film";
}

TEST(Sniffing, NeedsTheWholeSignature) {
  for (std::string_view bytes : {"\xFF\xD8"sv, "\x89PNG\r\n"sv, "GIF88a"sv,
                                 "RIFF\x10\0\0\0WAVEfmt "sv, "RIFF\x10\0\0\0WEBP"sv,
                                 "\0\0\0\x10"
                                 "ftyp"sv,
                                 "\0\0\0\x10"
                                 "ftypavi"sv,
                                 " \xFF\xD8\xFF"sv})
    EXPECT_EQ(sniff_media_type(bytes), std::nullopt) << bytes;
}

// A bitmap's two headers, as far as the signature looks.
std::string bmp(char header_size) {
  return "BM\x36\x10\0\0\0\0\0\0\x36\0\0\0"s + header_size + "\0\0\0"s;
}

TEST(UnsupportedFormats, AreNamed) {
  const std::pair<std::string, std::string_view> files[] = {
      {"II*\0\x08\0\0\0"s, "a TIFF file"},
      {"MM\0*\0\0\0\x08"s, "a TIFF file"},
      {"II+\0\x08\0\0\0"s, "a BigTIFF file"},
      {"MM\0+\0\x08"s, "a BigTIFF file"},
      {"II\xBC\x01"s, "a JPEG XR file"},
      {"8BPS\0\1"s, "a Photoshop file"},
      {"%PDF-1.7"s, "a PDF document"},
      {"\xFF\x0A\0"s, "a JPEG XL file"},
      {"\0\0\0\x0CJXL \r\n\x87\n"s, "a JPEG XL file"},
      {"\0\0\0\x0CjP  \r\n\x87\n"s, "a JPEG 2000 file"},
      {"\xFF\x4F\xFF\x51\0"s, "a JPEG 2000 file"},
      {bmp(12), "a BMP file"},
      {bmp(40), "a BMP file"},
      {bmp(124), "a BMP file"},
      {"\0\0\1\0\1\0\x10\x10\0\0\1\0"s, "an icon"},
      {"\0\0\2\0\1\0\x20\x20\0\0\1\0"s, "an icon"},
      {"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG or XML document"},
      {"\xEF\xBB\xBF \r\n<?xml version=\"1.0\"?><svg/>", "an SVG or XML document"},
      {"<!DOCTYPE svg PUBLIC", "an SVG or XML document"},
  };
  for (const auto& [bytes, name] : files) {
    EXPECT_EQ(sniff_unsupported(bytes), name);
    EXPECT_EQ(sniff_media_type(bytes), std::nullopt) << name;
  }
}

TEST(UnsupportedFormats, AreNotSeenInOtherFiles) {
  for (const auto& bytes :
       {""s, "BM"s, "BMW is a car maker from Munich"s, bmp(41), "II"s, "\0\0\1\0"s,
        "\0\0\1\0\0\0\0\0\0\0\0\0"s, "\0\0\1\0\1\0\x10\x10\0\1\1\0"s, "\0\0\3\0\1\0\x10\x10\0\0"s,
        "<html><svg>"s, "<!DOCTYPE html>"s, "<sv"s, std::string(600, ' ') + "<svg>",
        std::string(20, '\0'), "PK\3\4"s,
        "\x7F"
        "ELF"s,
        "hello"s, "BM\x36\x10\0\0\1\0\0\0\x36\0\0\0\x28\0\0\0"s,
        "BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\1\0"s})
    EXPECT_EQ(sniff_unsupported(bytes), std::nullopt) << bytes;
}

}  // namespace
}  // namespace tintype

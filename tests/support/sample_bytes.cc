// The samples that are made byte by byte.
#include <array>
#include <cstdlib>
#include <vector>

#include "base/encoding.h"
#include "support/sample_images.h"

namespace tintype::samples {
namespace {

using namespace std::string_literals;

constexpr const char* kHeic =
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAe5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAA"
    "AAAAAAAAAAAA5waXRtAAAAAAACAAAAEGlkYXQAAAAAAEAAMAAAAExpbG9jAQAAAERAAAMAAQAAAAAAAAISAAEAAAAA"
    "AAAAVQACAAEAAAAAAAAAAQAAAAAAAAAIAAMAAAAAAAACZwABAAAAAAAAADAAAABNaWluZgAAAAAAAwAAABVpbmZlAg"
    "AAAQABAABodmMxAAAAABVpbmZlAgAAAAACAABncmlkAAAAABVpbmZlAgAAAQADAABFeGlmAAAAAOJpcHJwAAAAv2lw"
    "Y28AAAB2aHZjQwEDcAAAAAAAAAAAAB7wAPz9+PgAAA8DIAABABhAAQwB//8DcAAAAwCQAAADAAADAB66AkAhAAEAKk"
    "IBAQNwAAADAJAAAAMAAAMAHqAggQWW6uSmubgQEDAgAAADACAAAAMAISIAAQAGRAHBc8CJAAAAFGlzcGUAAAAAAAAA"
    "QAAAAEAAAAAJaXJvdAMAAAAUaXNwZQAAAAAAAAAwAAAAQAAAABBwaXhpAAAAAAMICAgAAAAbaXBtYQAAAAAAAAACAA"
    "ECgQIAAgMDBIUAAAAoaXJlZgAAAAAAAAAOZGltZwACAAEAAQAAAA5jZHNjAAMAAQACAAAAjW1kYXQAAABRKAGvWOb/"
    "9E8BKpAVqQXPnhWeJfXt67rIDbtucsLFxGK6CElqmUMwIOQIu1rtNfN+POUfWTEDZjrdu/Fo5t8Rklh5hE0gUYBlru"
    "Tbdz9wc87tAAAAAE1NACoAAAAIAAIBDwACAAAABQAAACYBEgADAAAAAQAGAAAAAAAATWFrZXIA";

std::string be(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = ~0u;
  for (unsigned char c : bytes) {
    crc ^= c;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  return be(data.size(), 4) + type + data + be(crc32(type + data), 4);
}

std::string png_start(std::uint32_t width, std::uint32_t height) {
  // 8-bit greyscale, no interlace.
  return "\x89PNG\r\n\x1A\n"s + png_chunk("IHDR", be(width, 4) + be(height, 4) + "\x08\0\0\0\0"s);
}

// A zlib stream (RFC 1950, RFC 1951) of `count` zeros: one literal, then as many copies of 258
// zeros from one back as fit, in 13 bits each.
class ZeroDeflater {
 public:
  std::string run(std::uint64_t count) {
    out_ = "\x78\x9C"s;
    put(1, 1);  // last block
    put(1, 2);  // fixed codes
    std::uint64_t left = count;
    for (; left % 258 != 0 || left == count; --left) code(0x30, 8);  // a literal zero
    for (; left > 0; left -= 258) {
      code(0xC5, 8);  // length 258
      code(0, 5);     // distance 1
    }
    code(0, 7);  // end of block
    while (used_ != 0) put(0, 1);
    // Adler-32 of zeros: the low half stays 1, the high half counts the bytes.
    return out_ + be(count % 65521, 2) + be(1, 2);
  }

 private:
  void put(std::uint32_t bits, int count) {
    for (int i = 0; i < count; ++i) {
      bits_ |= (bits >> i & 1) << used_;
      if (++used_ == 8) {
        out_ += static_cast<char>(bits_);
        bits_ = used_ = 0;
      }
    }
  }
  // Codes go most significant bit first.
  void code(std::uint32_t bits, int count) {
    for (int i = count - 1; i >= 0; --i) put(bits >> i & 1, 1);
  }

  std::string out_;
  std::uint32_t bits_ = 0;
  int used_ = 0;
};

std::string png_end() {
  // One row: filter byte and one pixel.
  return png_chunk("IDAT", ZeroDeflater().run(2)) + png_chunk("IEND", "");
}

// A TIFF directory under construction: entries first, what does not fit in four bytes behind them.
class Directory {
 public:
  Directory(std::uint32_t at, int entries) : data_at_(at + 2 + 12 * entries + 4) {
    head_ = be(entries, 2);
  }
  void number(int tag, std::uint32_t value, int type = 4) {
    entry(tag, type, 1,
          type == 3   ? be(value, 2) + be(0, 2)
          : type == 1 ? be(value, 1)
                      : be(value, 4));
  }
  void text(int tag, const std::string& value) { entry(tag, 2, value.size() + 1, value + '\0'); }
  void rationals(int tag, const std::vector<std::pair<int, int>>& values) {
    std::string data;
    for (auto [numerator, denominator] : values) data += be(numerator, 4) + be(denominator, 4);
    entry(tag, 5, values.size(), data);
  }
  std::string bytes() const { return head_ + be(0, 4) + data_; }

 private:
  void entry(int tag, int type, std::size_t count, std::string value) {
    head_ += be(tag, 2) + be(type, 2) + be(count, 4);
    if (value.size() <= 4) {
      value.resize(4, '\0');
      head_ += value;
    } else {
      head_ += be(data_at_ + data_.size(), 4);
      data_ += value;
      if (data_.size() % 2 != 0) data_ += '\0';
    }
  }

  std::uint32_t data_at_;
  std::string head_;
  std::string data_;
};

std::string camera_directory(std::uint32_t at) {
  Directory exif(at, 7);
  exif.rationals(0x829A, {{1, 250}});
  exif.rationals(0x829D, {{28, 10}});
  exif.number(0x8827, 200, 3);
  exif.text(0x9003, "2026:05:01 12:34:56");
  exif.text(0x9011, "+02:00");
  exif.rationals(0x920A, {{35, 1}});
  exif.text(0xA434, "Tintype 35mm F2.8");
  return exif.bytes();
}

std::string gps_directory(std::uint32_t at) {
  Directory gps(at, 6);
  gps.text(1, "N");
  gps.rationals(2, {{52, 1}, {31, 1}, {12, 1}});
  gps.text(3, "W");
  gps.rationals(4, {{13, 1}, {24, 1}, {36, 1}});
  gps.number(5, 1, 1);
  gps.rationals(6, {{345, 10}});
  return gps.bytes();
}

}  // namespace

std::string heic() { return *base64_decode(kHeic); }

std::string exif_block(const ExifSample& exif) {
  // The two other directories have places of their own, far enough behind the main one.
  constexpr std::uint32_t kCameraAt = 512;
  constexpr std::uint32_t kGpsAt = 1024;
  Directory main(8, 1 + (exif.camera ? 5 : 0) + (exif.gps ? 1 : 0));
  if (exif.camera) {
    main.text(0x010F, "Tintype Works");
    main.text(0x0110, "Model 1");
  }
  main.number(0x0112, exif.orientation, 3);
  if (exif.camera) {
    main.text(0x0131, "Firmware 1.0");
    main.text(0x8298, "\xC2\xA9 J\xC3\xBCrgen");
    main.number(0x8769, kCameraAt);
  }
  if (exif.gps) main.number(0x8825, kGpsAt);
  std::string block = "MM\0*"s + be(8, 4) + main.bytes();
  block.resize(kCameraAt, '\0');
  block += camera_directory(kCameraAt);
  block.resize(kGpsAt, '\0');
  return block + gps_directory(kGpsAt);
}

// An APP1 segment behind the start of the image; decoders take the first one.
std::string with_exif(const std::string& jpeg, const ExifSample& exif) {
  std::string data = "Exif\0\0"s + exif_block(exif);
  return jpeg.substr(0, 2) + "\xFF\xE1" + be(data.size() + 2, 2) + data + jpeg.substr(2);
}

std::string truncated(const std::string& file, double keep) {
  return file.substr(0, static_cast<std::size_t>(static_cast<double>(file.size()) * keep));
}

std::string corrupt_header_jpeg() {
  return "\xFF\xD8\xFF\xE0\0\x10JFIF\0"s + std::string(400, '\x37');
}

std::string huge_png() {
  return png_start(50'000, 50'000) + png_chunk("IDAT", ZeroDeflater().run(1'000'000)) +
         png_chunk("IEND", "");
}

std::string zero_size_png() { return png_start(0, 1) + png_end(); }

std::string many_frames_gif(int frames) {
  std::string file = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xFF\xFF\xFF"s;
  // A picture of one pixel: descriptor, code size, one sub-block, end.
  std::string frame = "\x2C\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"s;
  std::string control = "\x21\xF9\4\0\1\0\0\0"s;
  for (int i = 0; i < frames; ++i) file += control + frame;
  return file + ";";
}

std::string icc_bomb_png(std::uint64_t profile_bytes) {
  return png_start(1, 1) + png_chunk("iCCP", "bomb\0\0"s + ZeroDeflater().run(profile_bytes)) +
         png_end();
}

std::string text_bomb_png(int chunks, std::uint64_t chunk_bytes) {
  std::string chunk = png_chunk("zTXt", "Comment\0\0"s + ZeroDeflater().run(chunk_bytes));
  std::string file = png_start(1, 1);
  for (int i = 0; i < chunks; ++i) file += chunk;
  return file + png_end();
}

std::string text() { return "This is not a picture, whatever it is called.\n"; }

std::string svg() {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><rect width=\"8\" "
         "height=\"8\"/></svg>\n";
}

}  // namespace tintype::samples

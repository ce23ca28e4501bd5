// libjpeg leaves its functions by longjmp; under AddressSanitizer these tests see that nothing
// leaks and nothing is touched after its end.
#include "imaging/jpeg_reader.h"

#include <gtest/gtest.h>

#include <cstring>

#include "imaging/pixel_source.h"
#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using namespace std::string_literals;

struct Rows {
  std::size_t count = 0;
  std::string last;
};

// Copies out of the heap, so that a read beyond the end is found.
Result<Rows> read_rows(const std::string& file, std::uint32_t shrink = 1) {
  const std::vector<char> bytes(file.begin(), file.end());
  const std::string_view view(bytes.data(), bytes.size());
  auto layout = TRY(read_jpeg_layout(view));
  Rows rows;
  const std::size_t stride = std::size_t{jpeg_shrunk(layout.facts.width, shrink)} * layout.bands;
  auto keep = [&](const std::uint8_t* row) {
    ++rows.count;
    rows.last.assign(reinterpret_cast<const char*>(row), stride);
  };
  TRY(read_jpeg_rows(view, {shrink}, keep));
  return rows;
}

std::string outcome_of(const Result<Rows>& rows) { return rows.ok() ? "ok" : rows.error().code; }

std::vector<std::string> rgb_samples() {
  const auto photo = samples::jpeg(61, 47);
  return {photo, samples::progressive_jpeg(61, 47), samples::with_exif(photo, {6, true, true}),
          pictures::encoded(pictures::Encoding::gray_jpeg, 61, 47)};
}

TEST(JpegReader, reads_every_row_of_every_shrink) {
  for (const auto& file : rgb_samples())
    for (std::uint32_t shrink : {1u, 2u, 4u, 8u}) {
      auto rows = read_rows(file, shrink);
      ASSERT_TRUE(rows.ok()) << rows.error().detail;
      EXPECT_EQ(rows->count, jpeg_shrunk(47, shrink));
    }
}

TEST(JpegReader, gives_the_pixels_that_libvips_gives) {
  using namespace pictures;
  for (const auto& file : rgb_samples()) {
    auto layout = read_jpeg_layout(file);
    ASSERT_TRUE(layout.ok());
    std::vector<std::uint8_t> pixels;
    auto keep = [&](const std::uint8_t* row) {
      pixels.insert(pixels.end(), row, row + std::size_t{61} * layout->bands);
    };
    ASSERT_TRUE(read_jpeg_rows(file, {1}, keep).ok());
    const auto expected = decoded(file);
    for (int y = 0; y < 47; ++y)
      for (int x = 0; x < 61; ++x)
        for (std::uint32_t band = 0; band < layout->bands; ++band)
          ASSERT_NEAR(pixels[(y * 61 + x) * layout->bands + band],
                      VIPS_IMAGE_ADDR(expected.get(), x, y)[band], 1);
  }
}

TEST(JpegReader, finds_exif_and_profile) {
  const auto file = samples::with_exif(samples::jpeg(), {6, true, true});
  auto layout = read_jpeg_layout(file);
  ASSERT_TRUE(layout.ok());
  EXPECT_TRUE(layout->facts.exif.starts_with("Exif"));
  EXPECT_TRUE(layout->facts.icc_profile.empty());
  const auto p3 = pictures::written(pictures::scene(32, 32, 3), ".jpg[profile=p3]");
  layout = read_jpeg_layout(p3);
  ASSERT_TRUE(layout.ok());
  EXPECT_GT(layout->facts.icc_profile.size(), 100u);
}

TEST(JpegReader, says_that_cmyk_has_four_bands) {
  auto layout = read_jpeg_layout(samples::cmyk_jpeg());
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->bands, 4u);
}

TEST(JpegReader, calls_every_shorter_file_corrupt) {
  for (const auto& file : rgb_samples())
    for (std::size_t length = 0; length < file.size() - 2; length += length < 700 ? 1 : 13)
      ASSERT_EQ(outcome_of(read_rows(file.substr(0, length))), "corrupt_image")
          << length << " of " << file.size();
}

TEST(JpegReader, says_that_a_file_ends_too_early) {
  const auto file = samples::jpeg(64, 64);
  auto rows = read_rows(file.substr(0, file.size() - 20));
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().detail.find("ends before"), std::string::npos);
}

// Where the data of the first scan begins.
std::size_t scan_of(const std::string& file) {
  const auto marker = file.find("\xFF\xDA");
  return marker + 2 +
         (static_cast<unsigned char>(file[marker + 2]) << 8 |
          static_cast<unsigned char>(file[marker + 3]));
}

TEST(JpegReader, calls_half_a_picture_with_a_proper_end_damaged) {
  for (const auto& file : rgb_samples()) {
    const auto scan = scan_of(file), next = file.find("\xFF\xC4", scan);
    const auto end = std::min(next, file.size() - 2);
    auto half = file.substr(0, scan + (end - scan) / 2);
    if (half.back() == '\xFF') half.pop_back();
    for (std::uint32_t shrink : {1u, 8u}) {
      auto rows = read_rows(half + "\xFF\xD9", shrink);
      ASSERT_EQ(outcome_of(rows), "corrupt_image") << file.size();
      EXPECT_NE(rows.error().detail.find("damaged"), std::string::npos) << rows.error().detail;
    }
  }
}

// Of one scan in sequence, libjpeg-turbo notices them in the last kilobytes alone: its quick
// decoder takes them for zeros.
TEST(JpegReader, calls_codes_that_no_encoder_writes_damaged) {
  using pictures::Encoding;
  for (auto encoding : {Encoding::jpeg, Encoding::progressive_jpeg, Encoding::gray_jpeg}) {
    auto file = pictures::encoded(encoding, 200, 150);
    const std::string ones = "\xFF\0\xFF\0\xFF\0\xFF\0"s;
    const bool in_sequence = encoding != Encoding::progressive_jpeg;
    file.replace(in_sequence ? file.size() - 300 : scan_of(file) + 20, ones.size(), ones);
    auto rows = read_rows(file);
    ASSERT_EQ(outcome_of(rows), "corrupt_image") << pictures::name_of(encoding);
    EXPECT_NE(rows.error().detail.find("damaged"), std::string::npos) << rows.error().detail;
  }
}

// Most lead to other codes, which are as good as any.
TEST(JpegReader, notices_flipped_bits_that_leave_codes_missing) {
  const auto file = pictures::encoded(pictures::Encoding::jpeg, 200, 150);
  int noticed = 0;
  for (std::size_t at = scan_of(file); at < file.size() - 300; at += 37) {
    auto damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    noticed += outcome_of(read_rows(damaged)) == "corrupt_image";
  }
  EXPECT_GT(noticed, 20);
}

TEST(JpegReader, accepts_oddities_that_cannot_be_seen) {
  const auto file = samples::jpeg(61, 47);
  const auto clean = read_rows(file);
  auto garbage_at_the_end = file;
  garbage_at_the_end.insert(file.size() - 2, "garbage");
  auto garbage_between = file;
  garbage_between.insert(file.find("\xFF\xC4"), "garbage");
  auto version = file;
  version[11] = 9;  // of JFIF
  for (const auto& odd : {garbage_at_the_end, garbage_between, version, file + "behind the end"}) {
    auto rows = read_rows(odd);
    ASSERT_TRUE(rows.ok()) << rows.error().detail;
    EXPECT_EQ(rows->last, clean->last);
  }
}

TEST(JpegReader, survives_any_damaged_byte) {
  for (const auto& file : rgb_samples())
    for (std::size_t at = 2; at < file.size(); at += 3)
      for (int damage : {0xFF, 0x00, file[at] ^ 0x55}) {
        auto damaged = file;
        damaged[at] = static_cast<char>(damage);
        auto rows = read_rows(damaged, 2);
        if (!rows.ok()) {
          ASSERT_EQ(rows.error().code, "corrupt_image") << at;
        }
      }
}

// Even, so that a scan is a few bytes for a quarter of a million blocks; the last scan repeated.
std::string with_repeated_scans(int count) {
  VipsImage* black = nullptr;
  EXPECT_EQ(vips_black(&black, 4096, 4096, nullptr), 0);
  const auto file = pictures::written(pictures::Picture(black, g_object_unref), ".jpg[interlace]");
  const auto scan = file.rfind("\xFF\xDA"), end = file.rfind("\xFF\xD9");
  const auto one = file.substr(scan, end - scan);
  std::string all = file.substr(0, end);
  for (int i = 0; i < count; ++i) all += one;
  return all + "\xFF\xD9";
}

TEST(JpegReader, refuses_a_picture_of_thousands_of_scans_early) {
  const auto file = with_repeated_scans(20'000);
  ASSERT_LT(file.size(), 10u << 20);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome_of(read_rows(file)), "corrupt_image");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(JpegReader, reads_as_many_scans_as_encoders_make) {
  EXPECT_EQ(outcome_of(read_rows(with_repeated_scans(20), 8)), "ok");
}

}  // namespace
}  // namespace tintype

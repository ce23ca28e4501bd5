// EXIF and the text in it.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "imaging/exif.h"
#include "imaging/text_clean.h"
#include "support/sample_images.h"

namespace tintype {
namespace {

using namespace std::string_literals;

TEST(Exif, reads_a_complete_block) {
  auto facts = parse_exif(samples::exif_block({.orientation = 6, .camera = true, .gps = true}));
  EXPECT_EQ(facts.orientation, 6);
  EXPECT_EQ(facts.camera.camera_make, "Tintype Works");
  EXPECT_EQ(facts.camera.exposure_time, "1/250");
  EXPECT_EQ(facts.camera.iso, 200u);
  EXPECT_EQ(facts.camera.taken_at, "2026-05-01T12:34:56+02:00");
  ASSERT_TRUE(facts.location);
  EXPECT_NEAR(facts.location->latitude, 52.52, 1e-9);
  EXPECT_NEAR(facts.location->longitude, -13.41, 1e-9);
  EXPECT_NEAR(*facts.location->altitude, -34.5, 1e-9);
}

TEST(Exif, reads_little_endian) {
  std::string block = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0"s;
  EXPECT_EQ(parse_exif(block).orientation, 3);
  EXPECT_EQ(parse_exif("Exif\0\0"s + block).orientation, 3);
}

TEST(Exif, takes_nonsense_for_absent) {
  EXPECT_EQ(parse_exif("").orientation, 1);
  EXPECT_EQ(parse_exif("II*\0\xFF\xFF\xFF\xFF"s).orientation, 1);
  EXPECT_EQ(parse_exif("II*\0\x08\0\0\0\xFF\xFF"s).orientation, 1);
  std::string nine = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0\0\0\0\0"s;
  EXPECT_EQ(parse_exif(nine).orientation, 1);
}

TEST(Exif, survives_every_truncation_and_random_damage) {
  std::string block = samples::exif_block({.orientation = 6, .camera = true, .gps = true});
  for (std::size_t size = 0; size < block.size(); ++size) {
    auto facts = parse_exif(std::string(block, 0, size));
    EXPECT_TRUE(is_valid_utf8(facts.camera.copyright));
  }
  std::uint64_t state = 7;
  auto random = [&] { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; };
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = block;
    for (int n = 0; n < 10; ++n) damaged[random() % 400] = static_cast<char>(random());
    auto facts = parse_exif(damaged);
    EXPECT_TRUE(facts.orientation >= 1 && facts.orientation <= 8);
    EXPECT_TRUE(is_valid_utf8(camera_json(facts.camera)));
    EXPECT_LE(std::abs(facts.location.value_or(Location{}).latitude), 90);
  }
}

TEST(CameraJson, leaves_out_what_is_absent_and_rounds) {
  EXPECT_EQ(camera_json({}), "{}");
  EXPECT_EQ(camera_json({.f_number = 2.79999, .focal_length = 100.0}),
            R"({"f_number":2.8,"focal_length":100})");
  EXPECT_EQ(location_json({-0.00000001, 13.5, std::nullopt}), R"({"latitude":0,"longitude":13.5})");
}

TEST(TextClean, makes_text_fit_for_json) {
  EXPECT_EQ(clean_text("  Canon \0 rest"s, 200), "Canon");
  EXPECT_EQ(clean_text("a\nb\x7F", 200), "ab");
  EXPECT_EQ(clean_text("J\xFCrgen", 200), "J\xC3\xBCrgen") << "Latin-1";
  EXPECT_EQ(clean_text("\xC3\xBC\xC3\xBC", 3), "\xC3\xBC") << "no half character";
  EXPECT_EQ(clean_text("    ", 200), "");
  std::string odd = "x";
  for (int i = 0; i < 1000; ++i) odd += "\xE2\x82\xAC";
  for (std::size_t max = 1; max < 40; ++max) {
    std::string text = clean_text(odd, max);
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(text.size(), 1 + (max - 1) / 3 * 3);
  }
}

TEST(TextClean, reads_utf_16) {
  EXPECT_EQ(utf16be_to_utf8("\0A\0\xFC\x20\xAC\xD8\x3D\xDE\x00\0\0\0B"s),
            "A\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(utf16be_to_utf8("\xD8\x3D\0A"s), "\xEF\xBF\xBD\x41"s);
  EXPECT_EQ(utf16be_to_utf8("\0"), "");
}

}  // namespace
}  // namespace tintype

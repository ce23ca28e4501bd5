// A picture stored in any of EXIF's eight ways comes out as the same picture.
#include <gtest/gtest.h>

#include "support/heif_boxes.h"
#include "support/pictures.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using namespace std::string_literals;
using pictures::changed;
using pictures::Picture;

// Stored so that `orientation` turns it upright, by what libvips says of orientations.
Picture stored(const Picture& upright, int orientation) {
  for (int quarters = 0; quarters < 4; ++quarters)
    for (bool mirror : {false, true}) {
      const auto picture = pictures::turned(upright, quarters, mirror);
      vips_image_set_int(picture.get(), VIPS_META_ORIENTATION, orientation);
      const auto shown = changed(
          picture, [](VipsImage* in, VipsImage** out) { return vips_autorot(in, out, nullptr); });
      if (pictures::distance(shown, upright).most == 0) return picture;
    }
  ADD_FAILURE() << orientation;
  return upright;
}

std::string stored(const Picture& upright, int orientation, const std::string& suffix) {
  return pictures::written(stored(upright, orientation), suffix);
}

class GoldenOrientation : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { start_vips_once(); }
};
INSTANTIATE_TEST_SUITE_P(Files, GoldenOrientation,
                         ::testing::Values(".png", ".webp[lossless]",
                                           ".jpg[Q=97,subsample_mode=off]"));

TEST_P(GoldenOrientation, all_eight_come_out_as_one_picture) {
  const auto upright = pictures::scene(96, 64, 3);
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (std::uint32_t width : {0u, 48u, 31u}) {
      const auto file = stored(upright, orientation, GetParam());
      const auto made = make_picture(file, spec_of(MediaType::png, width));
      const auto expected =
          make_picture(pictures::written(upright, ".png"), spec_of(MediaType::png, width));
      const auto apart =
          pictures::distance(pictures::decoded(made.bytes), pictures::decoded(expected.bytes));
      EXPECT_LT(apart.mean, 0.9) << orientation << " at " << width;
      EXPECT_LT(apart.most, 2.5) << orientation << " at " << width;
    }
}

TEST_P(GoldenOrientation, is_applied_before_what_the_spec_asks_for) {
  const auto upright = pictures::scene(96, 64, 3);
  auto spec = spec_of(MediaType::png, 40, 40);
  spec.fit = Fit::cover;
  spec.gravity = {Gravity::Kind::point, 0, 0};
  spec.rotate = 90;
  spec.mirror = true;
  const auto expected = make_picture(pictures::written(upright, ".png"), spec);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto made = make_picture(stored(upright, orientation, GetParam()), spec);
    EXPECT_LT(
        pictures::distance(pictures::decoded(made.bytes), pictures::decoded(expected.bytes)).mean,
        0.8)
        << orientation;
  }
}

TEST_P(GoldenOrientation, counts_for_what_an_examination_says) {
  const auto upright = pictures::scene(96, 64, 3);
  std::string hash;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    auto answer = examine_bytes(stored(upright, orientation, GetParam()));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->facts.width, 96u) << orientation;
    EXPECT_EQ(answer->facts.height, 64u) << orientation;
    EXPECT_EQ(answer->facts.orientation, orientation);
    if (hash.empty()) hash = answer->facts.perceptual_hash;
    EXPECT_EQ(answer->facts.perceptual_hash, hash) << orientation;
  }
}

// AVIF says by properties how it is turned and mirrored; the decoder does it.
struct AvifTurn {
  const char* name;
  int against_the_clock;  // quarters; -1: no such property
  int mirror_axis;        // 0: top and bottom, 1: left and right; -1: none
};

Picture turned(const Picture& stored, const AvifTurn& turn) {
  const int quarters = (4 - std::max(turn.against_the_clock, 0)) % 4;
  if (turn.mirror_axis < 0) return pictures::turned(stored, quarters, false);
  const bool upside_down = turn.mirror_axis == 0;  // half a turn and left for right
  return pictures::turned(stored, (quarters + (upside_down ? 2 : 0)) % 4, true);
}

std::string with_turn(std::string avif, const AvifTurn& turn) {
  if (turn.against_the_clock >= 0)
    avif = samples::with_heif_property(avif, samples::irot_box(turn.against_the_clock));
  if (turn.mirror_axis >= 0)
    avif = samples::with_heif_property(avif, samples::imir_box(turn.mirror_axis));
  return avif;
}

TEST(GoldenAvifOrientation, is_that_of_its_properties) {
  start_vips_once();
  const auto avif = pictures::written(pictures::scene(96, 64, 3), ".avif[Q=95,effort=0]");
  const auto stored = pictures::decoded(avif);
  constexpr AvifTurn kTurns[] = {
      {"a quarter", 1, -1},          {"half", 2, -1},          {"three quarters", 3, -1},
      {"upside down", -1, 0},        {"mirrored", -1, 1},      {"a quarter, upside down", 1, 0},
      {"a quarter, mirrored", 1, 1}, {"half, mirrored", 2, 1}, {"three quarters, mirrored", 3, 1},
  };
  for (const auto& turn : kTurns) {
    const auto file = with_turn(avif, turn);
    const auto upright = turned(stored, turn);
    for (std::uint32_t width : {0u, 40u}) {
      const auto made = make_picture(file, spec_of(MediaType::png, width));
      const auto expected =
          make_picture(pictures::written(upright, ".png"), spec_of(MediaType::png, width));
      const auto apart =
          pictures::distance(pictures::decoded(made.bytes), pictures::decoded(expected.bytes));
      EXPECT_LT(apart.mean, 0.9) << turn.name << " at " << width;
    }
    auto answer = examine_bytes(file);
    ASSERT_TRUE(answer.ok()) << turn.name;
    EXPECT_EQ(answer->facts.orientation, 1) << turn.name;
    EXPECT_EQ(answer->facts.width, turn.against_the_clock % 2 == 1 ? 64u : 96u) << turn.name;
  }
}

// EXIF only repeats what the properties say, and must not turn the picture a second time.
TEST(GoldenAvifOrientation, is_not_that_of_exif) {
  start_vips_once();
  const auto upright = pictures::scene(96, 64, 3);
  const auto file = stored(upright, 6, ".avif[Q=95,effort=0]");
  ASSERT_NE(file.find("\x12\x01\x03\0\x01\0\0\0\x06"s), std::string::npos) << "in EXIF";
  ASSERT_NE(file.find("irot"), std::string::npos) << "as a property";
  auto answer = examine_bytes(file);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->facts.width, 96u);
  EXPECT_EQ(answer->facts.orientation, 1);
  const auto made = make_picture(file, spec_of(MediaType::png));
  EXPECT_LT(pictures::distance(pictures::decoded(made.bytes),
                               pictures::decoded(pictures::written(upright, ".png")))
                .mean,
            1.5);
}

}  // namespace
}  // namespace tintype

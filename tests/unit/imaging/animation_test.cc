#include <gtest/gtest.h>

#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using pictures::Picture;

constexpr int kFrames = 4;
const std::vector<int> kDelays{100, 50, 200, 70};

std::string animation(const std::string& suffix, int loops, int bands = 3) {
  const auto frames = pictures::moving_scene(60, 40, bands, kFrames);
  vips_image_set_array_int(frames.get(), "delay", kDelays.data(), kFrames);
  vips_image_set_int(frames.get(), "loop", loops);
  return pictures::written(frames, suffix);
}

struct Told {
  int frames = 1;
  int loops = 0;
  std::vector<int> delays;
};

Told told_by(const std::string& file) {
  Told told;
  VipsImage* image = vips_image_new_from_buffer(file.data(), file.size(), "", "n", -1, nullptr);
  if (!image) return told;
  told.frames = vips_image_get_height(image) / vips_image_get_page_height(image);
  if (vips_image_get_typeof(image, "loop")) vips_image_get_int(image, "loop", &told.loops);
  int *delays = nullptr, count = 0;
  if (vips_image_get_typeof(image, "delay") &&
      vips_image_get_array_int(image, "delay", &delays, &count) == 0)
    told.delays.assign(delays, delays + count);
  g_object_unref(image);
  return told;
}

RenditionSpec moving(MediaType format, std::uint32_t width = 0) {
  auto spec = spec_of(format, width);
  spec.animated = true;
  if (format == MediaType::webp) spec.quality = 95;
  return spec;
}

class Animations : public ::testing::Test {
 protected:
  void SetUp() override { start_vips_once(); }
};

TEST_F(Animations, keep_frames_delays_and_loops_in_either_format) {
  for (const char* suffix : {".gif", ".webp"})
    for (MediaType format : {MediaType::gif, MediaType::webp})
      for (int loops : {0, 1, 3}) {
        const auto made = make_picture(animation(suffix, loops), moving(format, 30));
        EXPECT_EQ(made.file.frames, 4u);
        EXPECT_EQ(made.file.width, 30u);
        EXPECT_EQ(made.file.height, 20u);
        const auto told = told_by(made.bytes);
        EXPECT_EQ(told.frames, kFrames) << suffix << " to " << media_type_name(format);
        EXPECT_EQ(told.delays, kDelays) << suffix << " to " << media_type_name(format);
        EXPECT_EQ(told.loops, loops) << suffix << " to " << media_type_name(format);
      }
}

TEST_F(Animations, show_each_frame_in_its_place) {
  for (const char* suffix : {".gif", ".webp[lossless]"})
    for (int bands : {3, 4}) {
      const auto file = animation(suffix, 0, bands);
      const auto made = make_picture(file, moving(MediaType::webp, 30));
      for (int frame = 0; frame < kFrames; ++frame) {
        const auto expected = pictures::resized(pictures::decoded(file, frame), 30, 20);
        const auto shown = pictures::decoded(made.bytes, frame);
        EXPECT_LT(pictures::difference(shown, expected).lightness.mean, 1.5)
            << suffix << bands << frame;
        const auto other =
            pictures::resized(pictures::decoded(file, (frame + 2) % kFrames), 30, 20);
        EXPECT_LT(pictures::distance(shown, expected).mean, pictures::distance(shown, other).mean);
      }
    }
}

TEST_F(Animations, become_their_first_frame_where_no_movement_is_wanted) {
  for (const char* suffix : {".gif", ".webp[lossless]"}) {
    const auto file = animation(suffix, 0);
    for (MediaType format : {MediaType::png, MediaType::webp, MediaType::jpeg, MediaType::gif}) {
      const auto made = make_picture(file, spec_of(format, 30));
      EXPECT_EQ(made.file.frames, 1u);
      EXPECT_EQ(told_by(made.bytes).frames, 1);
      const auto expected = pictures::resized(pictures::decoded(file), 30, 20);
      EXPECT_LT(pictures::difference(pictures::decoded(made.bytes), expected).lightness.mean, 2.5)
          << suffix << media_type_name(format);
    }
  }
}

// The left edge of the part of the whole that is most like it.
int place_of(const Picture& part, const Picture& whole) {
  const int width = vips_image_get_width(part.get()), height = vips_image_get_height(part.get());
  double nearest = 100;
  int at = -1;
  for (int left = 0; left + width <= vips_image_get_width(whole.get()); ++left) {
    const auto apart =
        pictures::difference(part, pictures::cropped(whole, left, 0, width, height)).lightness.mean;
    if (apart < nearest) nearest = apart, at = left;
  }
  EXPECT_LT(nearest, 3);
  return at;
}

// What is cut by content must not jump from frame to frame.
TEST_F(Animations, are_cut_in_one_place) {
  const auto file = animation(".webp[lossless]", 0);
  auto spec = moving(MediaType::webp, 20);
  spec.height = 40;
  spec.fit = Fit::cover;
  for (bool mirror : {false, true})
    for (auto kind : {Gravity::Kind::attention, Gravity::Kind::entropy}) {
      spec.mirror = mirror;
      spec.gravity.kind = kind;
      const auto made = make_picture(file, spec);
      ASSERT_EQ(told_by(made.bytes).frames, kFrames);
      auto whole = [&](int frame) {
        return pictures::turned(pictures::decoded(file, frame), 0, mirror);
      };
      const int place = place_of(pictures::decoded(made.bytes), whole(0));
      for (int frame = 1; frame < kFrames; ++frame)
        EXPECT_EQ(place_of(pictures::decoded(made.bytes, frame), whole(frame)), place) << frame;
    }
}

TEST_F(Animations, and_stills_come_from_one_decode) {
  auto made = make_pictures(
      animation(".gif", 2),
      {moving(MediaType::webp, 30), spec_of(MediaType::png, 20), moving(MediaType::gif, 60)});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ((*made)[0].file.frames, 4u);
  EXPECT_EQ((*made)[1].file.frames, 1u);
  EXPECT_EQ((*made)[2].file.frames, 4u);
  EXPECT_EQ(told_by((*made)[2].bytes).delays, kDelays);
}

TEST_F(Animations, that_would_be_too_large_are_refused) {
  auto spec = moving(MediaType::webp, 8000);
  spec.height = 8000;
  spec.fit = Fit::fill;
  spec.enlarge = true;
  EXPECT_EQ(make_pictures(animation(".gif", 0), {spec}).error().code, "too_many_pixels");
}

}  // namespace
}  // namespace tintype

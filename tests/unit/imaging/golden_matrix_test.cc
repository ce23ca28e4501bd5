// Every kind of file × every operation × every format that goes out, each compared with what
// libvips makes of the same file in floating point and linear light (tests/support/pictures.h).
#include <gtest/gtest.h>

#include "domain/rendition_geometry.h"
#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/golden_bounds.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

using pictures::changed;
using pictures::Encoding;
using pictures::Picture;

constexpr int kWidth = 160, kHeight = 120;

struct Operation {
  std::string name;
  RenditionSpec spec;
};

RenditionSpec box(std::uint32_t width, std::uint32_t height, Fit fit = Fit::inside) {
  RenditionSpec spec;
  spec.width = width;
  spec.height = height;
  spec.fit = fit;
  return spec;
}

template <typename Change>
Operation changed_box(const std::string& name, RenditionSpec spec, Change change) {
  change(spec);
  return {name, spec};
}

Operation at(const std::string& name, Fit fit, std::uint16_t x, std::uint16_t y) {
  return changed_box(name, box(50, 70, fit), [&](auto& spec) {
    spec.gravity = {Gravity::Kind::point, x, y};
  });
}

std::vector<Operation> sizes() {
  std::vector<Operation> all{{"whole", box(0, 0)},
                             {"inside", box(64, 64)},
                             {"width", box(64, 0)},
                             {"height", box(0, 31)},
                             {"cover", box(64, 64, Fit::cover)},
                             {"fill", box(40, 77, Fit::fill)},
                             {"contain", box(64, 64, Fit::contain)},
                             {"outside", box(64, 64, Fit::outside)},
                             {"twice", box(128, 96)},
                             {"almost", box(159, 119)},
                             {"sliver", box(160, 2, Fit::fill)}};
  all.push_back(at("north-west", Fit::cover, 0, 0));
  all.push_back(at("south-east", Fit::cover, 10000, 10000));
  all.push_back(at("point", Fit::cover, 3000, 8000));
  all.push_back(at("placed", Fit::contain, 0, 10000));
  all.push_back(changed_box("enlarge", box(240, 200), [](auto& spec) { spec.enlarge = true; }));
  all.push_back(changed_box("enlarge_fill", box(200, 300, Fit::fill),
                            [](auto& spec) { spec.enlarge = true; }));
  return all;
}

std::vector<Operation> effects() {
  std::vector<Operation> all;
  for (std::uint16_t rotate : {90, 180, 270})
    all.push_back(changed_box("rotate " + std::to_string(rotate), box(64, 64),
                              [&](auto& spec) { spec.rotate = rotate; }));
  auto add = [&](const std::string& name, auto change) {
    all.push_back(changed_box(name, box(64, 64), change));
  };
  add("mirror", [](auto& spec) { spec.mirror = true; });
  add("flip", [](auto& spec) { spec.mirror = true, spec.rotate = 180; });
  add("grayscale", [](auto& spec) { spec.grayscale = true; });
  add("blur", [](auto& spec) { spec.blur = 150; });
  add("large blur", [](auto& spec) { spec.blur = 900; });
  add("sharpen", [](auto& spec) { spec.sharpen = 100; });
  add("background", [](auto& spec) { spec.background = Color{20, 200, 90, 255}; });
  add("glass", [](auto& spec) { spec.background = Color{20, 200, 90, 128}; });
  add("gray glass", [](auto& spec) {
    spec.background = Color{90, 90, 90, 128};
    spec.grayscale = true;
  });
  add("framed", [](auto& spec) {
    spec.fit = Fit::contain;
    spec.background = Color{20, 200, 90, 255};
  });
  add("glass framed", [](auto& spec) {
    spec.fit = Fit::contain;
    spec.background = Color{20, 200, 90, 128};
  });
  add("gray framed", [](auto& spec) {
    spec.fit = Fit::contain;
    spec.grayscale = true;
    spec.rotate = 90;
  });
  add("gray of colour framed", [](auto& spec) {
    spec.fit = Fit::contain;
    spec.background = Color{200, 30, 60, 255};
    spec.grayscale = true;
  });
  add("gray of coloured glass framed", [](auto& spec) {
    spec.fit = Fit::contain;
    spec.background = Color{200, 30, 60, 128};
    spec.grayscale = true;
  });
  return all;
}

Picture gray(const Picture& picture) {
  const auto flat = changed(picture, [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_B_W, nullptr);
  });
  return changed(flat, [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
  });
}

Color gray(const Color& color) {
  const std::uint8_t pixel[] = {color.red, color.green, color.blue};
  VipsImage* one = vips_image_new_from_memory_copy(pixel, 3, 1, 1, 3, VIPS_FORMAT_UCHAR);
  one->Type = VIPS_INTERPRETATION_sRGB;
  const auto ink = gray(Picture(one, g_object_unref));
  double* values = nullptr;
  int count = 0;
  if (vips_getpoint(ink.get(), &values, &count, 0, 0, nullptr) != 0) vips_error_exit("an ink");
  const auto value = static_cast<std::uint8_t>(values[0]);
  g_free(values);
  return {value, value, value, color.alpha};
}

Picture blurred(const Picture& picture, double sigma) {
  auto step = changed(
      picture, [](VipsImage* in, VipsImage** out) { return vips_premultiply(in, out, nullptr); });
  step = changed(step, [&](VipsImage* in, VipsImage** out) {
    return vips_gaussblur(in, out, sigma, "precision", VIPS_PRECISION_FLOAT, "min_ampl", 0.001,
                          nullptr);
  });
  step = changed(
      step, [](VipsImage* in, VipsImage** out) { return vips_unpremultiply(in, out, nullptr); });
  step = changed(step, [](VipsImage* in, VipsImage** out) { return vips_rint(in, out, nullptr); });
  return changed(step,
                 [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
}

Picture sharpened(const Picture& picture, double sigma) {
  return changed(picture, [&](VipsImage* in, VipsImage** out) {
    return vips_sharpen(in, out, "sigma", sigma, nullptr);
  });
}

Picture over(const Picture& picture, const Color& color) {
  return pictures::over(picture, {double(color.red), double(color.green), double(color.blue)},
                        color.alpha);
}

// Around the picture is nothing, until the background comes below everything.
Picture framed(const Picture& picture, const RenditionSpec& spec, const RenditionGeometry& plan) {
  if (plan.scaled == plan.result) return picture;
  const bool contain = spec.fit == Fit::contain;
  const auto where = contain ? place(spec.gravity, plan.result, plan.scaled)
                             : place(spec.gravity, plan.scaled, plan.result);
  const int left = static_cast<int>(where.left), top = static_cast<int>(where.top);
  const int width = static_cast<int>(plan.result.width);
  const int height = static_cast<int>(plan.result.height);
  if (contain) return pictures::placed(picture, left, top, width, height, {0, 0, 0, 0});
  return pictures::cropped(picture, left, top, width, height);
}

// What it must look like.
Picture expected(const Picture& original, const RenditionSpec& spec) {
  const auto upright = pictures::turned(original, spec.rotate / 90, spec.mirror);
  const RenditionGeometry plan =
      plan_geometry(spec, {static_cast<std::uint32_t>(vips_image_get_width(upright.get())),
                           static_cast<std::uint32_t>(vips_image_get_height(upright.get()))});
  auto picture = pictures::resized(upright, static_cast<int>(plan.scaled.width),
                                   static_cast<int>(plan.scaled.height));
  picture = framed(picture, spec, plan);
  if (spec.grayscale) picture = gray(picture);
  if (spec.blur > 0) picture = blurred(picture, spec.blur / 100.0);
  if (spec.sharpen > 0) picture = sharpened(picture, spec.sharpen / 100.0);
  if (spec.background)
    picture = over(picture, spec.grayscale ? gray(*spec.background) : *spec.background);
  if (spec.format == MediaType::jpeg) picture = over(picture, Color{255, 255, 255, 255});
  return picture;
}

RenditionSpec in_format(RenditionSpec spec, MediaType format) {
  spec.format = format;
  spec.quality = format == MediaType::png || format == MediaType::gif ? 0 : 95;
  spec.animated = false;
  // JPEG has no alpha: what is behind becomes opaque, mixed with white, as resolve() does.
  if (format == MediaType::jpeg && spec.background && spec.background->alpha < 255) {
    auto mix = [&](std::uint8_t value) {
      const int alpha = spec.background->alpha;
      return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha)) / 255);
    };
    const Color color = *spec.background;
    spec.background = Color{mix(color.red), mix(color.green), mix(color.blue), 255};
  }
  return spec;
}

// GIF has alpha or not, and 256 colours.
bool can_be_compared(MediaType format, Encoding encoding, const Operation& operation) {
  if (format == MediaType::webp) return operation.name != "sliver";  // one row of colours
  if (format != MediaType::gif) return true;
  const bool has_alpha = encoding == Encoding::png_alpha || encoding == Encoding::webp_alpha ||
                         encoding == Encoding::png_gray_alpha;
  return !has_alpha && operation.spec.fit != Fit::contain;
}

void expect_close(const MadePicture& made, const RenditionSpec& spec, const Picture& wanted,
                  const std::string& what) {
  EXPECT_EQ(made.file.width, static_cast<std::uint32_t>(vips_image_get_width(wanted.get())))
      << what;
  EXPECT_EQ(made.file.height, static_cast<std::uint32_t>(vips_image_get_height(wanted.get())))
      << what;
  const auto shown = pictures::decoded(made.bytes);
  const auto apart = pictures::difference(shown, wanted);
  EXPECT_TRUE(is_golden(shown, wanted, *spec.format))
      << what << ": " << apart.color.mean << ", " << apart.color.most << "; in lightness "
      << apart.lightness.mean << ", " << apart.lightness.most;
}

Picture in_memory(const Picture& picture) {
  return Picture(vips_image_copy_memory(picture.get()), g_object_unref);
}

class GoldenMatrix : public ::testing::TestWithParam<Encoding> {
 protected:
  void SetUp() override { start_vips_once(); }

  void run(const std::vector<Operation>& operations) {
    const auto file = pictures::encoded(GetParam(), kWidth, kHeight);
    const auto original = pictures::decoded(file);
    for (const auto& operation : operations) {
      std::vector<RenditionSpec> specs;
      for (MediaType format : kGoldenFormats) specs.push_back(in_format(operation.spec, format));
      auto made = make_pictures(file, specs);
      ASSERT_TRUE(made.ok()) << operation.name << ": " << made.error().detail;
      const auto clear = in_memory(expected(original, specs[0]));
      const auto opaque = in_memory(expected(original, specs[1]));
      for (std::size_t i = 0; i < specs.size(); ++i)
        if (can_be_compared(*specs[i].format, GetParam(), operation))
          expect_close((*made)[i], specs[i], specs[i].format == MediaType::jpeg ? opaque : clear,
                       operation.name + " in " + std::string(media_type_name(*specs[i].format)));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Files, GoldenMatrix, ::testing::ValuesIn(pictures::all_encodings()),
                         [](const auto& one) { return pictures::name_of(one.param); });

TEST_P(GoldenMatrix, sizes_come_out_as_the_reference) { run(sizes()); }
TEST_P(GoldenMatrix, effects_come_out_as_the_reference) { run(effects()); }

TEST(Golden, heic_comes_out_upright_in_every_format) {
  if (!test_heif()) GTEST_SKIP() << "no libheif with an HEVC decoder";
  const auto original =
      pictures::decoded(make_picture(samples::heic(), spec_of(MediaType::png)).bytes);
  EXPECT_EQ(vips_image_get_width(original.get()), 48);
  EXPECT_EQ(vips_image_get_height(original.get()), 64);
  for (const auto& operation : sizes())
    for (MediaType format : {MediaType::png, MediaType::jpeg}) {
      const auto spec = in_format(operation.spec, format);
      expect_close(make_picture(samples::heic(), spec), spec, expected(original, spec),
                   operation.name);
    }
}

TEST(Golden, a_background_around_a_picture_is_as_translucent_as_it_was_asked_for) {
  const auto file = pictures::encoded(Encoding::jpeg, kWidth, kHeight);
  auto spec = in_format(box(64, 64, Fit::contain), MediaType::png);
  spec.background = Color{255, 0, 0, 128};
  const auto made = pictures::decoded(make_picture(file, spec).bytes);
  const auto* border = VIPS_IMAGE_ADDR(made.get(), 0, 0);
  EXPECT_EQ(border[0], 255);
  EXPECT_EQ(border[1], 0);
  EXPECT_EQ(border[3], 128);
  EXPECT_EQ(VIPS_IMAGE_ADDR(made.get(), 32, 32)[3], 255);
}

// What is cut by content is a part of the picture, and the part that libvips finds in the
// reference.
TEST(Golden, crops_by_content_hold_what_is_interesting) {
  start_vips_once();
  const auto file = pictures::encoded(Encoding::png, kWidth, kHeight);
  const auto scaled = pictures::resized(pictures::decoded(file), 85, 64);
  for (auto [kind, interest] : {std::pair{Gravity::Kind::attention, VIPS_INTERESTING_ATTENTION},
                                std::pair{Gravity::Kind::entropy, VIPS_INTERESTING_ENTROPY}}) {
    auto spec = in_format(box(40, 64, Fit::cover), MediaType::png);
    spec.gravity.kind = kind;
    const auto wanted = changed(scaled, [&, which = interest](VipsImage* in, VipsImage** out) {
      return vips_smartcrop(in, out, 40, 64, "interesting", which, nullptr);
    });
    const auto made = pictures::decoded(make_picture(file, spec).bytes);
    EXPECT_LT(pictures::distance(made, wanted).mean, golden_bound(MediaType::png).color.mean);
  }
}

// Above the lines of one pixel, which no decoder's own shrinking keeps as light as they are.
Picture upper_part(const Picture& picture) {
  return pictures::cropped(picture, 0, 0, vips_image_get_width(picture.get()),
                           vips_image_get_height(picture.get()) * 7 / 10);
}

// The decoder's own shrinking is coarse; what is left of it must not be seen.
TEST(Golden, large_jpegs_are_shrunk_by_the_decoder_without_a_trace) {
  start_vips_once();
  for (Encoding encoding : {Encoding::jpeg, Encoding::progressive_jpeg, Encoding::gray_jpeg}) {
    const auto file = pictures::encoded(encoding, 1285, 963);
    const auto original = pictures::decoded(file);
    for (std::uint32_t width : {33u, 64u, 150u}) {
      const auto spec = in_format(box(width, 0), MediaType::png);
      const auto wanted = expected(original, spec);
      const auto best =
          pictures::decoded(make_picture(file, spec, {QualityMode::best, ColorMode::keep}).bytes);
      EXPECT_TRUE(is_golden(best, wanted, MediaType::png)) << width;
      const auto balanced = pictures::decoded(make_picture(file, spec).bytes);
      EXPECT_LT(pictures::distance(upper_part(balanced), upper_part(wanted)).mean, 0.8) << width;
      EXPECT_LT(pictures::distance(balanced, wanted).mean, 3.2) << width;
    }
  }
}

TEST(Golden, a_ladder_comes_out_as_its_single_pictures) {
  start_vips_once();
  const auto file = pictures::encoded(Encoding::jpeg, 640, 480);
  std::vector<RenditionSpec> specs;
  for (std::uint32_t width : {320u, 160u, 120u, 80u, 40u, 16u})
    specs.push_back(in_format(box(width, 0), MediaType::png));
  auto ladder = make_pictures(file, specs);
  ASSERT_TRUE(ladder.ok());
  const auto original = pictures::decoded(file);
  for (std::size_t i = 0; i < specs.size(); ++i)
    EXPECT_LT(
        pictures::distance(pictures::decoded((*ladder)[i].bytes), expected(original, specs[i]))
            .mean,
        1)
        << specs[i].width;
}

}  // namespace
}  // namespace tintype

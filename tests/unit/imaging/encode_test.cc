// What goes out with a picture, and what does not.
#include "imaging/encode.h"

#include <gtest/gtest.h>

#include "imaging/copyright.h"
#include "imaging/exif.h"
#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

constexpr MediaType kOutputs[] = {MediaType::jpeg, MediaType::png, MediaType::webp, MediaType::avif,
                                  MediaType::gif};

std::string exif_of(const std::string& file) {
  VipsImage* image = vips_image_new_from_buffer(file.data(), file.size(), "", nullptr);
  if (!image) return {};
  const void* data = nullptr;
  std::size_t size = 0;
  std::string exif;
  if (vips_image_get_typeof(image, VIPS_META_EXIF_NAME) &&
      vips_image_get_blob(image, VIPS_META_EXIF_NAME, &data, &size) == 0)
    exif.assign(static_cast<const char*>(data), size);
  g_object_unref(image);
  return exif;
}

std::string photo() { return samples::with_exif(samples::jpeg(60, 40), {6, true, true}); }

TEST(Encode, keeps_the_copyright) {
  for (MediaType format : kOutputs) {
    if (format == MediaType::gif) continue;  // has no place for it
    const auto made = make_picture(photo(), spec_of(format, 30));
    // libvips, which writes WebP and AVIF, has only ASCII in EXIF: there XMP has the whole of it.
    const bool by_libvips = format == MediaType::webp || format == MediaType::avif;
    EXPECT_EQ(parse_exif(exif_of(made.bytes)).camera.copyright,
              by_libvips ? "(C) Jurgen" : "© Jürgen")
        << media_type_name(format);
    const bool has_xmp =
        made.bytes.find("<rdf:li xml:lang=\"x-default\">© Jürgen</rdf:li>") != std::string::npos;
    EXPECT_EQ(has_xmp, by_libvips) << media_type_name(format);
  }
}

TEST(Encode, writes_a_short_copyright_and_one_that_needs_escaping) {
  for (const char* text : {"A", "Abc", "Abcd", "© <b> & \"Söhne\""}) {
    EXPECT_EQ(parse_exif(copyright_exif(text)).camera.copyright, text);
    const std::string xmp = copyright_xmp(text);
    EXPECT_EQ(xmp.find("<b>"), std::string::npos);
    EXPECT_EQ(xmp.find(" & "), std::string::npos);
  }
  EXPECT_TRUE(copyright_exif("").empty());
  EXPECT_TRUE(copyright_xmp("").empty());
}

TEST(Encode, lets_nothing_else_out) {
  ASSERT_TRUE(parse_exif(exif_of(photo())).location);
  for (MediaType format : kOutputs) {
    const auto made = make_picture(photo(), spec_of(format, 30));
    const auto exif = parse_exif(exif_of(made.bytes));
    EXPECT_FALSE(exif.location) << media_type_name(format);
    EXPECT_EQ(exif.orientation, 1) << media_type_name(format);
    EXPECT_TRUE(exif.camera.camera_make.empty() && exif.camera.camera_model.empty())
        << media_type_name(format);
    for (const char* secret : {"Tintype Works", "Model 1", "Firmware", "35mm", "2026:05:01"})
      EXPECT_EQ(made.bytes.find(secret), std::string::npos) << media_type_name(format) << secret;
  }
}

TEST(Encode, lets_no_comment_xmp_or_iptc_out) {
  const auto scene = pictures::scene(40, 30, 3);
  const std::string xmp = "<x:xmpmeta>secret-xmp</x:xmpmeta>";
  vips_image_set_blob_copy(scene.get(), VIPS_META_XMP_NAME, xmp.data(), xmp.size());
  vips_image_set_string(scene.get(), "png-comment-0-Author", "secret-text");
  for (const char* suffix : {".png", ".webp", ".jpg", ".avif"}) {
    const auto file = pictures::written(scene, suffix);
    const bool compressed = std::string(suffix) == ".png";
    ASSERT_TRUE(compressed || file.find("secret") != std::string::npos) << suffix;
    for (MediaType format : kOutputs)
      EXPECT_EQ(make_picture(file, spec_of(format)).bytes.find("secret"), std::string::npos)
          << suffix << " to " << media_type_name(format);
  }
}

TEST(Encode, without_a_copyright_there_is_no_exif_but_what_encoders_add) {
  const auto file = samples::with_exif(samples::jpeg(60, 40), {6, false, true});
  for (MediaType format : kOutputs) {
    const auto exif = exif_of(make_picture(file, spec_of(format, 30)).bytes);
    EXPECT_LT(exif.size(), 300u) << media_type_name(format);
    EXPECT_TRUE(parse_exif(exif).camera.copyright.empty());
  }
}

TEST(Encode, writes_the_type_and_size_that_it_says) {
  for (MediaType format : kOutputs)
    for (std::uint32_t width : {1u, 7u, 30u, 60u}) {
      const auto made = make_picture(samples::png_with_alpha(60, 40), spec_of(format, width));
      EXPECT_EQ(made.file.content_type, format);
      EXPECT_EQ(sniff_media_type(made.bytes), format);
      const auto picture = pictures::decoded(made.bytes);
      EXPECT_EQ(vips_image_get_width(picture.get()), static_cast<int>(made.file.width));
      EXPECT_EQ(vips_image_get_height(picture.get()), static_cast<int>(made.file.height));
      EXPECT_EQ(made.file.width, width);
    }
}

TEST(Encode, a_higher_quality_is_closer_and_larger) {
  const auto file = pictures::encoded(pictures::Encoding::png, 120, 90);
  const auto original = pictures::decoded(file);
  for (MediaType format : {MediaType::jpeg, MediaType::webp, MediaType::avif}) {
    double last = 100;
    std::size_t size = 0;
    for (int quality : {10, 50, 95}) {
      auto spec = spec_of(format);
      spec.quality = static_cast<std::uint8_t>(quality);
      const auto made = make_picture(file, spec);
      const auto apart = pictures::distance(pictures::decoded(made.bytes), original).mean;
      EXPECT_LT(apart, last) << media_type_name(format) << quality;
      EXPECT_GT(made.bytes.size(), size) << media_type_name(format) << quality;
      last = apart;
      size = made.bytes.size();
    }
  }
}

TEST(Encode, every_quality_mode_makes_the_same_picture) {
  const auto file = pictures::encoded(pictures::Encoding::png_alpha, 120, 90);
  for (MediaType format : kOutputs) {
    const auto balanced = make_picture(file, spec_of(format, 60));
    for (auto mode : {QualityMode::fast, QualityMode::best}) {
      const auto made = make_picture(file, spec_of(format, 60), {mode, ColorMode::keep});
      const auto apart =
          pictures::distance(pictures::decoded(made.bytes), pictures::decoded(balanced.bytes));
      EXPECT_LT(apart.mean, format == MediaType::png ? 0.2 : 4) << media_type_name(format);
    }
  }
}

}  // namespace
}  // namespace tintype

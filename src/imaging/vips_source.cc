// Files that libvips decodes: PNG, WebP, GIF, AVIF, and JPEG in CMYK.
#include <vips/vips.h>

#include "imaging/failures.h"
#include "imaging/image_header.h"
#include "imaging/nclx_color.h"
#include "imaging/pixel_source.h"
#include "imaging/strip_reader.h"
#include "imaging/vips_ptr.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxMetadataBytes = 4 * 1024 * 1024;

// All frames of an animation come as one tall picture, page_height rows each.
int load(MediaType type, void* data, std::size_t size, bool all_frames, VipsImage** out) {
  constexpr auto access = VIPS_ACCESS_SEQUENTIAL;
  constexpr auto fail_on = VIPS_FAIL_ON_ERROR;
  auto still = [&](auto loader) {
    return loader(data, size, out, "access", access, "fail_on", fail_on, nullptr);
  };
  auto animated = [&](auto loader) {
    return loader(data, size, out, "n", all_frames ? -1 : 1, "access", access, "fail_on", fail_on,
                  nullptr);
  };
  switch (type) {
    case MediaType::jpeg: return still(vips_jpegload_buffer);
    case MediaType::png: return still(vips_pngload_buffer);
    case MediaType::avif: return still(vips_heifload_buffer);
    case MediaType::gif: return animated(vips_gifload_buffer);
    case MediaType::webp: return animated(vips_webpload_buffer);
    case MediaType::heic:
    case MediaType::heif: break;
  }
  return -1;
}

std::string blob(VipsImage* image, const char* name) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(image, name) != VIPS_TYPE_BLOB ||
      vips_image_get_blob(image, name, &data, &size) != 0 || size > kMaxMetadataBytes)
    return {};
  return {static_cast<const char*>(data), size};
}

DecodedFacts describe(VipsImage* image) {
  DecodedFacts facts;
  int page_height = vips_image_get_page_height(image);
  facts.width = static_cast<std::uint32_t>(vips_image_get_width(image));
  facts.height = static_cast<std::uint32_t>(page_height);
  facts.frames = static_cast<std::uint32_t>(vips_image_get_height(image) / page_height);
  facts.has_alpha = vips_image_hasalpha(image) != 0;
  facts.icc_profile = blob(image, VIPS_META_ICC_NAME);
  facts.exif = blob(image, VIPS_META_EXIF_NAME);
  return facts;
}

Animation animation_of(VipsImage* image) {
  Animation animation;
  int* delays = nullptr;
  int count = 0;
  if (vips_image_get_typeof(image, "delay") != 0 &&
      vips_image_get_array_int(image, "delay", &delays, &count) == 0)
    animation.delays.assign(delays, delays + count);
  if (vips_image_get_typeof(image, "loop") != 0)
    vips_image_get_int(image, "loop", &animation.loops);
  return animation;
}

using Step = int (*)(VipsImage* in, VipsImage** out);

Result<void> apply(VipsPtr& image, Step step) {
  VipsImage* out = nullptr;
  if (step(image.get(), &out) != 0) return vips_failure();
  image.reset(out);
  return {};
}

// By the file's own profile where it has one, else by a standard one.
int cmyk_to_srgb(VipsImage* in, VipsImage** out) {
  return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "input_profile", "cmyk", "intent",
                            VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, nullptr);
}
int by_own_profile(VipsImage* in, VipsImage** out) {
  return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_RELATIVE,
                            "black_point_compensation", TRUE, nullptr);
}
int to_srgb(VipsImage* in, VipsImage** out) {
  return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
}
int to_gray(VipsImage* in, VipsImage** out) {
  return vips_colourspace(in, out, VIPS_INTERPRETATION_B_W, nullptr);
}
int first_four_bands(VipsImage* in, VipsImage** out) {
  return vips_extract_band(in, out, 0, "n", 4, nullptr);
}

// Gray with alpha becomes four bands, for which its profile is of no use any more.
bool gray_alpha_to_srgb(VipsPtr& image) {
  return vips_image_get_bands(image.get()) == 2 &&
         vips_image_get_typeof(image.get(), VIPS_META_ICC_NAME) != 0 &&
         apply(image, by_own_profile).ok();
}

Result<void> to_plain_pixels(VipsPtr& image, bool& is_srgb) {
  auto space = vips_image_get_interpretation(image.get());
  is_srgb = space == VIPS_INTERPRETATION_CMYK || gray_alpha_to_srgb(image);
  if (space == VIPS_INTERPRETATION_CMYK) TRY(apply(image, cmyk_to_srgb));
  else if (space == VIPS_INTERPRETATION_GREY16 && vips_image_get_bands(image.get()) == 1)
    TRY(apply(image, to_gray));
  bool plain = vips_image_get_format(image.get()) == VIPS_FORMAT_UCHAR;
  if (!plain || vips_image_get_bands(image.get()) == 2) TRY(apply(image, to_srgb));
  if (vips_image_get_bands(image.get()) > 4) TRY(apply(image, first_four_bands));
  return {};
}

class VipsSource final : public PixelSource {
 public:
  VipsSource(VipsPtr image, DecodedFacts facts, Animation animation) : image_(std::move(image)) {
    facts_ = std::move(facts);
    animation_ = std::move(animation);
    size_ = {facts_.width, facts_.height};
    bands_ = static_cast<std::uint32_t>(vips_image_get_bands(image_.get()));
    frames_ = facts_.frames;
  }

  // In strips, as sequential loaders want it, in this thread.
  Result<void> read(const RowConsumer& consume) override {
    StripReader strips(image_.get());
    StripReader::Rows rows{};
    while (unsigned count = strips.next(rows))
      for (unsigned i = 0; i < count; ++i) consume(rows[i]);
    if (strips.failed()) return vips_failure();
    return {};
  }

 private:
  VipsPtr image_;
};

}  // namespace

Result<std::unique_ptr<PixelSource>> open_vips_source(MediaType type, std::string_view file,
                                                      const SourceOptions& options) {
  vips_error_clear();  // warnings about the last file
  // libvips takes the bytes as not const and does not write to them.
  VipsImage* loaded = nullptr;
  if (load(type, const_cast<char*>(file.data()), file.size(), options.all_frames, &loaded) != 0)
    return vips_failure();
  VipsPtr image(loaded);
  DecodedFacts facts = describe(image.get());
  TRY(check_limits({facts.width, facts.height, facts.frames}, options.limits));
  Animation animation = animation_of(image.get());
  if (type == MediaType::avif && facts.icc_profile.empty()) facts.icc_profile = nclx_profile(file);
  TRY(to_plain_pixels(image, facts.is_srgb));
  return std::unique_ptr<PixelSource>(
      new VipsSource(std::move(image), std::move(facts), std::move(animation)));
}

}  // namespace tintype

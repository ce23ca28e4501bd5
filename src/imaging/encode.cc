#include "imaging/encode.h"

#include <unistd.h>
#include <vips/vips.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "imaging/jpeg_writer.h"
#include "imaging/vips_step.h"

namespace tintype {
namespace {

// What each format's encoder is told. Chosen by bench/quality_bench.py; docs/PERFORMANCE.md has the
// table. `quant_table` 3 (ImageMagick's) gives JPEGs that score the same with 5 % fewer bytes.
struct Effort {
  int webp;
  int avif;
  int gif;
  int png;
  VipsForeignPngFilter png_filter;
  bool jpeg_optimize;
};

Effort effort_of(QualityMode mode) {
  switch (mode) {
    case QualityMode::fast: return {1, 0, 1, 1, VIPS_FOREIGN_PNG_FILTER_SUB, false};
    case QualityMode::balanced: return {2, 0, 3, 2, VIPS_FOREIGN_PNG_FILTER_SUB, false};
    case QualityMode::best: break;
  }
  return {4, 2, 7, 6, VIPS_FOREIGN_PNG_FILTER_ALL, true};
}

constexpr int kJpegQuantTable = 3;

// Pictures carry no metadata but what dress() gives them; without any, encoders must be told not to
// write an empty EXIF block.
#if VIPS_MAJOR_VERSION > 8 || VIPS_MINOR_VERSION >= 15
constexpr const char* kKeep = "keep";
int keep_of(const EncodeOptions& o) {
  return (o.icc_profile.empty() ? 0 : VIPS_FOREIGN_KEEP_ICC) |
         (o.copyright.empty() ? 0 : VIPS_FOREIGN_KEEP_EXIF);
}
#else
constexpr const char* kKeep = "strip";
int keep_of(const EncodeOptions& o) { return o.icc_profile.empty() && o.copyright.empty(); }
#endif

struct Encoded {
  void* data = nullptr;
  std::size_t size = 0;
  ~Encoded() { g_free(data); }
};

int save(VipsImage* image, const EncodeOptions& o, Encoded& out) {
  const Effort effort = effort_of(o.mode);
  const int keep = keep_of(o);
  switch (o.format) {
    case MediaType::jpeg:
      return vips_jpegsave_buffer(image, &out.data, &out.size, "Q", o.quality, "quant_table",
                                  kJpegQuantTable, "optimize_coding", effort.jpeg_optimize, kKeep,
                                  keep, nullptr);
    case MediaType::webp:
      return vips_webpsave_buffer(image, &out.data, &out.size, "Q", o.quality, "effort",
                                  effort.webp, kKeep, keep, nullptr);
    case MediaType::avif:
      return vips_heifsave_buffer(image, &out.data, &out.size, "Q", o.quality, "effort",
                                  effort.avif, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1,
                                  kKeep, keep, nullptr);
    case MediaType::png:
      return vips_pngsave_buffer(image, &out.data, &out.size, "compression", effort.png, "filter",
                                 effort.png_filter, kKeep, keep, nullptr);
    case MediaType::gif:
      return vips_gifsave_buffer(image, &out.data, &out.size, "effort", effort.gif, kKeep, keep,
                                 nullptr);
    case MediaType::heic:
    case MediaType::heif: break;
  }
  return -1;
}

Result<void> write_all(int output, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t wrote =
        pwrite(output, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return rendering_failure();
    done += static_cast<std::size_t>(wrote);
  }
  return {};
}

// One below the other, as libvips wants animations.
Result<VipsPtr> join(std::vector<VipsPtr>& frames) {
  if (frames.size() == 1) return std::move(frames.front());
  std::vector<VipsImage*> images;
  for (const auto& frame : frames) images.push_back(frame.get());
  VipsImage* tall = nullptr;
  if (vips_arrayjoin(images.data(), &tall, static_cast<int>(images.size()), "across", 1, nullptr))
    return rendering_failure();
  return VipsPtr(tall);
}

// A picture of its own, without what the steps before have left on it.
Result<void> dress(VipsPtr& picture, const EncodeOptions& o, int page_height, int frames) {
  TRY(replace_picture(picture,
                      [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); }));
  VipsImage* image = picture.get();
  if (frames > 1) {
    vips_image_set_int(image, VIPS_META_PAGE_HEIGHT, page_height);
    if (!o.animation.delays.empty())
      vips_image_set_array_int(image, "delay", o.animation.delays.data(),
                               static_cast<int>(o.animation.delays.size()));
    vips_image_set_int(image, "loop", o.animation.loops);
  }
  if (!o.icc_profile.empty())
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, o.icc_profile.data(), o.icc_profile.size());
  if (!o.copyright.empty())
    vips_image_set_string(image, "exif-ifd0-Copyright", o.copyright.c_str());
  return {};
}

constexpr int kRowsAtOnce = 16;

struct RegionUnref {
  void operator()(VipsRegion* region) const { g_object_unref(region); }
};

// True for what JpegWriter can do: EXIF is left to libvips.
bool is_plain_jpeg(VipsImage* picture, const EncodeOptions& o) {
  const int bands = vips_image_get_bands(picture);
  return o.format == MediaType::jpeg && o.copyright.empty() && (bands == 1 || bands == 3) &&
         vips_image_get_format(picture) == VIPS_FORMAT_UCHAR;
}

// Pulls the picture through its last steps strip by strip, in this thread.
Result<std::size_t> write_jpeg(VipsImage* picture, const EncodeOptions& o, int output) {
  JpegSettings settings;
  settings.width = static_cast<std::uint32_t>(vips_image_get_width(picture));
  settings.height = static_cast<std::uint32_t>(vips_image_get_height(picture));
  settings.bands = static_cast<std::uint32_t>(vips_image_get_bands(picture));
  settings.quality = o.quality;
  settings.optimize = effort_of(o.mode).jpeg_optimize;
  settings.icc_profile = o.icc_profile;
  JpegWriter writer(settings);
  std::unique_ptr<VipsRegion, RegionUnref> region(vips_region_new(picture));
  const int height = vips_image_get_height(picture);
  for (int top = 0; top < height; top += kRowsAtOnce) {
    VipsRect strip{0, top, vips_image_get_width(picture), std::min(kRowsAtOnce, height - top)};
    if (vips_region_prepare(region.get(), &strip) != 0) return rendering_failure();
    const std::uint8_t* rows[kRowsAtOnce] = {};
    for (int i = 0; i < strip.height; ++i) rows[i] = VIPS_REGION_ADDR(region.get(), 0, top + i);
    TRY(writer.write(rows, static_cast<unsigned>(strip.height)));
  }
  auto bytes = TRY(writer.finish());
  TRY(write_all(output, bytes));
  return bytes.size();
}

}  // namespace

Result<RenderedFile> encode_pictures(std::vector<VipsPtr> frames, const EncodeOptions& options,
                                     int output) {
  RenderedFile file;
  file.content_type = options.format;
  file.width = static_cast<std::uint32_t>(vips_image_get_width(frames.front().get()));
  file.height = static_cast<std::uint32_t>(vips_image_get_height(frames.front().get()));
  file.frames = static_cast<std::uint32_t>(frames.size());
  auto picture = TRY(join(frames));
  if (is_plain_jpeg(picture.get(), options)) {
    file.size = TRY(write_jpeg(picture.get(), options, output));
    return file;
  }
  TRY(dress(picture, options, static_cast<int>(file.height), static_cast<int>(file.frames)));
  Encoded encoded;
  if (save(picture.get(), options, encoded) != 0) return rendering_failure();
  TRY(write_all(output, {static_cast<const char*>(encoded.data), encoded.size}));
  file.size = encoded.size;
  return file;
}

}  // namespace tintype

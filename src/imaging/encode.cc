#include "imaging/encode.h"

#include <unistd.h>
#include <vips/vips.h>

#include <cerrno>
#include <memory>

#include "imaging/failures.h"
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

Result<void> write_all(int output, const Encoded& encoded) {
  const char* at = static_cast<const char*>(encoded.data);
  std::size_t done = 0;
  while (done < encoded.size) {
    ssize_t wrote = pwrite(output, at + done, encoded.size - done, static_cast<off_t>(done));
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

}  // namespace

Result<RenderedFile> encode_pictures(std::vector<VipsPtr> frames, const EncodeOptions& options,
                                     int output) {
  RenderedFile file;
  file.content_type = options.format;
  file.width = static_cast<std::uint32_t>(vips_image_get_width(frames.front().get()));
  file.height = static_cast<std::uint32_t>(vips_image_get_height(frames.front().get()));
  file.frames = static_cast<std::uint32_t>(frames.size());
  auto picture = TRY(join(frames));
  TRY(dress(picture, options, static_cast<int>(file.height), static_cast<int>(file.frames)));
  Encoded encoded;
  if (save(picture.get(), options, encoded) != 0) return rendering_failure();
  TRY(write_all(output, encoded));
  file.size = encoded.size;
  return file;
}

}  // namespace tintype

#include "imaging/encode.h"

#include <unistd.h>
#include <vips/vips.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "imaging/copyright.h"
#include "imaging/jpeg_writer.h"
#include "imaging/png_writer.h"
#include "imaging/strip_reader.h"
#include "imaging/vips_step.h"

namespace tintype {
namespace {

// What each format's encoder is told. Chosen by bench/quality_bench.py; docs/PERFORMANCE.md has the
// table.
struct Effort {
  int webp;
  int avif;
  int gif;
  int png;  // of libdeflate
  bool jpeg_optimize;
};

Effort effort_of(QualityMode mode) {
  switch (mode) {
    case QualityMode::fast: return {1, 0, 1, 1, false};
    case QualityMode::balanced: return {2, 0, 3, 1, false};
    case QualityMode::best: break;
  }
  return {4, 2, 7, 6, true};
}

// Larger pictures are not held filtered as a whole.
constexpr std::uint64_t kMostPngBytes = 64 * 1024 * 1024;
constexpr int kLargePngCompression = 2;

// Pictures carry no metadata but what dress() gives them; without any, encoders must be told not to
// write an empty EXIF block.
#if VIPS_MAJOR_VERSION > 8 || VIPS_MINOR_VERSION >= 15
constexpr const char* kKeep = "keep";
int keep_of(const EncodeOptions& o) {
  return (o.icc_profile.empty() ? 0 : VIPS_FOREIGN_KEEP_ICC) |
         (o.copyright.empty() ? 0 : VIPS_FOREIGN_KEEP_EXIF | VIPS_FOREIGN_KEEP_XMP);
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
    case MediaType::webp:
      return vips_webpsave_buffer(image, &out.data, &out.size, "Q", o.quality, "effort",
                                  effort.webp, kKeep, keep, nullptr);
    case MediaType::avif:
      return vips_heifsave_buffer(image, &out.data, &out.size, "Q", o.quality, "effort",
                                  effort.avif, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1,
                                  kKeep, keep, nullptr);
    case MediaType::png:
      return vips_pngsave_buffer(image, &out.data, &out.size, "compression", kLargePngCompression,
                                 "filter", VIPS_FOREIGN_PNG_FILTER_SUB, kKeep, keep, nullptr);
    case MediaType::gif:
      return vips_gifsave_buffer(image, &out.data, &out.size, "effort", effort.gif, kKeep, keep,
                                 nullptr);
    case MediaType::jpeg:
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

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

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
  if (o.copyright.empty()) return {};
  vips_image_set_string(image, "exif-ifd0-Copyright", o.copyright.c_str());
  if (std::ranges::all_of(o.copyright, is_ascii)) return {};
  // libvips writes EXIF texts in ASCII, without what that cannot say.
  const std::string xmp = copyright_xmp(o.copyright);
  vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, xmp.data(), xmp.size());
  return {};
}

template <typename Settings>
Settings settings_of(VipsImage* picture, const EncodeOptions& o) {
  Settings settings;
  settings.width = static_cast<std::uint32_t>(vips_image_get_width(picture));
  settings.height = static_cast<std::uint32_t>(vips_image_get_height(picture));
  settings.bands = static_cast<std::uint32_t>(vips_image_get_bands(picture));
  settings.icc_profile = o.icc_profile;
  settings.exif = copyright_exif(o.copyright);
  return settings;
}

Result<void> write_jpeg(VipsImage* picture, const EncodeOptions& o, RenderedFile& file,
                        int output) {
  auto settings = settings_of<JpegSettings>(picture, o);
  settings.quality = o.quality;
  settings.optimize = effort_of(o.mode).jpeg_optimize;
  JpegWriter writer(settings);
  StripReader strips(picture);
  StripReader::Rows rows{};
  while (unsigned count = strips.next(rows)) TRY(writer.write(rows.data(), count));
  if (strips.failed()) return rendering_failure();
  auto bytes = TRY(writer.finish());
  file.size = bytes.size();
  return write_all(output, bytes);
}

Result<void> write_png(VipsImage* picture, const EncodeOptions& o, RenderedFile& file, int output) {
  auto settings = settings_of<PngSettings>(picture, o);
  settings.level = effort_of(o.mode).png;
  PngWriter writer(std::move(settings));
  StripReader strips(picture);
  StripReader::Rows rows{};
  while (unsigned count = strips.next(rows)) writer.write(rows.data(), count);
  if (strips.failed()) return rendering_failure();
  auto bytes = TRY(writer.finish());
  file.size = bytes.size();
  return write_all(output, bytes);
}

Result<void> write_by_libvips(VipsPtr& picture, const EncodeOptions& o, RenderedFile& file,
                              int output) {
  TRY(dress(picture, o, static_cast<int>(file.height), static_cast<int>(file.frames)));
  Encoded encoded;
  if (save(picture.get(), o, encoded) != 0) return rendering_failure();
  file.size = encoded.size;
  return write_all(output, {static_cast<const char*>(encoded.data), encoded.size});
}

bool is_small_png(VipsImage* picture, const EncodeOptions& o) {
  return o.format == MediaType::png && VIPS_IMAGE_SIZEOF_IMAGE(picture) <= kMostPngBytes;
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
  TRY(replace_picture(
      picture, [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); }));
  if (options.format == MediaType::jpeg) TRY(write_jpeg(picture.get(), options, file, output));
  else if (is_small_png(picture.get(), options))
    TRY(write_png(picture.get(), options, file, output));
  else TRY(write_by_libvips(picture, options, file, output));
  return file;
}

}  // namespace tintype

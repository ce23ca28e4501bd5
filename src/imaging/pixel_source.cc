#include "imaging/pixel_source.h"

#include <string>

#include "imaging/failures.h"
#include "imaging/file_end.h"
#include "imaging/image_header.h"
#include "imaging/jpeg_reader.h"

namespace tintype {
namespace {

bool is_heif(MediaType type) { return type == MediaType::heic || type == MediaType::heif; }

// AVIF and HEIC keep their size in a tree of boxes; their decoder reads it without decoding.
Result<void> check_header(MediaType type, std::string_view file, const Limits& limits) {
  switch (type) {
    case MediaType::jpeg: return check_limits(TRY(read_jpeg_header(file)), limits);
    case MediaType::png: return check_limits(TRY(read_png_header(file)), limits);
    case MediaType::gif: return check_limits(TRY(read_gif_header(file, limits.max_frames)), limits);
    case MediaType::webp:
      return check_limits(TRY(read_webp_header(file, limits.max_frames)), limits);
    case MediaType::avif:
    case MediaType::heic:
    case MediaType::heif: break;
  }
  return {};
}

class JpegSource final : public PixelSource {
 public:
  JpegSource(std::string_view file, JpegLayout layout) : file_(file) {
    bands_ = layout.bands;
    facts_ = std::move(layout.facts);
    size_ = {facts_.width, facts_.height};
  }
  void shrink(std::uint32_t factor) override {
    how_.shrink = factor;
    size_ = {jpeg_shrunk(facts_.width, factor), jpeg_shrunk(facts_.height, factor)};
  }
  void be_quick() override { how_.quick = true; }
  Result<void> read(const RowConsumer& consume) override {
    return read_jpeg_rows(file_, how_, consume);
  }

 private:
  std::string_view file_;
  JpegDecoding how_;
};

class HeifSource final : public PixelSource {
 public:
  HeifSource(HeifPicture picture, DecodedFacts facts) : picture_(std::move(picture)) {
    facts_ = std::move(facts);
    size_ = {facts_.width, facts_.height};
    bands_ = facts_.has_alpha ? 4 : 3;
  }
  Result<void> read(const RowConsumer& consume) override { return picture_.read(size_, consume); }

 private:
  HeifPicture picture_;
};

Result<std::unique_ptr<PixelSource>> open(MediaType type, std::string_view file,
                                          const SourceOptions& options) {
  TRY(check_header(type, file, options.limits));
  if (type == MediaType::jpeg) return open_jpeg_source(file, options);
  if (is_heif(type)) return open_heif_source(file, options);
  return open_vips_source(type, file, options);
}

}  // namespace

Result<MediaType> sniff_source(std::string_view file) {
  if (auto type = sniff_media_type(file)) return *type;
  if (auto name = sniff_unsupported(file))
    return unsupported_format("The file is " + std::string(*name) +
                              "; JPEG, PNG, WebP, GIF, AVIF and HEIC are accepted.");
  return not_an_image("The file is not an image of a known format.");
}

Result<std::unique_ptr<PixelSource>> open_jpeg_source(std::string_view file,
                                                      const SourceOptions& options) {
  auto layout = TRY(read_jpeg_layout(file));
  if (layout.bands != 1 && layout.bands != 3)
    return open_vips_source(MediaType::jpeg, file, options);
  // libjpeg's own word: it need not have found the header that check_header found.
  TRY(check_limits({layout.facts.width, layout.facts.height, 1}, options.limits));
  return std::unique_ptr<PixelSource>(new JpegSource(file, std::move(layout)));
}

Result<std::unique_ptr<PixelSource>> open_heif_source(std::string_view file,
                                                      const SourceOptions& options) {
  if (!options.heif)
    return unsupported_format(
        "HEIC support is not installed on this server (libheif with an HEVC decoder).");
  DecodedFacts facts;
  auto picture = TRY(options.heif->open(file, options.limits, facts));
  return std::unique_ptr<PixelSource>(new HeifSource(std::move(picture), std::move(facts)));
}

Result<std::unique_ptr<PixelSource>> open_source(MediaType type, std::string_view file,
                                                 const SourceOptions& options) {
  auto opened = open(type, file, options);
  if (!opened.ok() && opened.error().code == "corrupt_image" && ends_early(type, file))
    return truncated_image();
  return opened;
}

}  // namespace tintype

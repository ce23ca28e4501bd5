#include "imaging/inspect.h"

#include <string>

#include "imaging/decode.h"
#include "imaging/exif.h"
#include "imaging/failures.h"
#include "imaging/file_end.h"
#include "imaging/icc_profile.h"
#include "imaging/image_header.h"

namespace tintype {
namespace {

bool is_heif(MediaType type) { return type == MediaType::heic || type == MediaType::heif; }

Result<MediaType> sniff(std::string_view file) {
  if (auto type = sniff_media_type(file)) return *type;
  if (auto name = sniff_unsupported(file))
    return unsupported_format("The file is " + std::string(*name) +
                              "; JPEG, PNG, WebP, GIF, AVIF and HEIC are accepted.");
  return not_an_image("The file is not an image of a known format.");
}

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

Result<DecodedFacts> decode(MediaType type, std::string_view file, const Limits& limits,
                            const HeifLibrary* heif) {
  if (!is_heif(type)) return decode_whole(type, file, limits);
  if (!heif)
    return unsupported_format(
        "HEIC support is not installed on this server (libheif with an HEVC decoder).");
  return heif->decode_whole(file, limits);
}

Result<DecodedFacts> check_and_decode(MediaType type, std::string_view file, const Limits& limits,
                                      const HeifLibrary* heif) {
  TRY(check_header(type, file, limits));
  return decode(type, file, limits, heif);
}

}  // namespace

Result<InspectAnswer> inspect_file(std::string_view file, const Limits& limits,
                                   const HeifLibrary* heif) {
  MediaType type = TRY(sniff(file));
  auto looked = check_and_decode(type, file, limits, heif);
  if (!looked.ok() && looked.error().code == "corrupt_image" && ends_early(type, file))
    return truncated_image();
  DecodedFacts decoded = TRY(std::move(looked));
  ExifFacts exif = parse_exif(decoded.exif);
  // HEIF turns the picture by its own properties, which decoders apply; EXIF then only repeats it
  // (ISO/IEC 23008-12 §A.2.1).
  if (is_heif(type) || type == MediaType::avif) exif.orientation = 1;

  InspectAnswer answer;
  ImageFacts& facts = answer.facts;
  facts.content_type = type;
  facts.width = decoded.width;
  facts.height = decoded.height;
  if (exif.orientation >= 5) std::swap(facts.width, facts.height);
  facts.frames = decoded.frames;
  facts.orientation = exif.orientation;
  facts.has_alpha = decoded.has_alpha;
  facts.color_profile = icc_profile_name(decoded.icc_profile);
  answer.camera = std::move(exif.camera);
  answer.location = exif.location;
  return answer;
}

}  // namespace tintype

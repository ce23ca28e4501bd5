#include "imaging/memory_estimate.h"

#include <algorithm>
#include <cmath>

#include "domain/rendition_geometry.h"

namespace tintype {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// Measured on synthetic pictures of 2 to 24 megapixels as the peak of a fresh worker, at
// `imaging.quality` balanced and best, and rounded up.

// An idle worker's own memory, and what it keeps of any picture on its way.
constexpr std::uint64_t kWorker = 18 * kMiB;
// The least that an examination is taken to need.
constexpr std::uint64_t kExamineAtLeast = 96 * kMiB;
// Pixels per byte of a photo (about three bits each).
constexpr std::uint64_t kPixelsPerByte = 3;

// Bytes per pixel of one frame while the original is decoded.
std::uint64_t decoder_bytes(MediaType type) {
  switch (type) {
    case MediaType::jpeg: return 4;   // progressive, 4:2:0: 16-bit coefficients (4:4:4 takes 6)
    case MediaType::png: return 4;    // interlaced: the whole picture
    case MediaType::webp: return 9;   // lossless
    case MediaType::gif: return 14;   // the canvas, the one before, and the file's indices
    case MediaType::avif: return 16;  // 16-bit planes, references and the picture
    case MediaType::heic:
    case MediaType::heif: return 8;
  }
  return 16;
}

// Bytes per pixel of the result while it is encoded, with alpha.
std::uint64_t encoder_bytes(MediaType type) {
  switch (type) {
    case MediaType::jpeg: return 6;  // optimised tables need all coefficients
    case MediaType::png: return 8;   // the filtered picture and the file
    case MediaType::webp: return 26;
    case MediaType::gif: return 24;
    default: return 40;  // AVIF
  }
}

// A finished picture, resized.
constexpr std::uint64_t kResultBytes = 6;
// Of each further frame of an animation.
constexpr std::uint64_t kFrameBytes = 5;

// Of each row that the reducer keeps: 16 bits of four bands.
constexpr std::uint64_t kRowBytes = 8;

// The reducer's filter reaches over six rows of the original for each row of the result, and two
// are made at once; which side is the height, the file's orientation says, which is not looked at
// here.
std::uint64_t filter_bytes(PixelSize source, PixelSize scaled) {
  auto rows = [](std::uint64_t from, std::uint64_t to) {
    return std::min(from, 7 * from / std::max<std::uint64_t>(to, 1) + 2);
  };
  return kRowBytes * std::max(rows(source.height, scaled.height) * source.width,
                              rows(source.width, scaled.width) * source.height);
}

// GIF frames are decoded one after another; the others are held.
bool holds_all_frames(MediaType type) { return type != MediaType::gif; }

std::uint64_t area(PixelSize size) { return std::uint64_t{size.width} * size.height; }

struct Results {
  std::uint64_t pictures = 0;  // all of them stay until the end
  std::uint64_t encoder = 0;   // one at a time
  bool animated = false;
};

Results predict_results(const std::vector<RenditionSpec>& specs, PixelSize source,
                        std::uint32_t frames) {
  Results results;
  for (const auto& spec : specs) {
    RenditionGeometry plan = plan_geometry(spec, turned(spec, source));
    bool animated = frames > 1 && spec.animated.value_or(false);
    std::uint64_t kept = animated ? frames : 1;
    std::uint64_t pixels = std::max(area(plan.scaled), area(plan.result));
    results.pictures += pixels * (kResultBytes + kFrameBytes * (kept - 1));
    results.pictures += filter_bytes(turned(spec, source), plan.scaled);
    MediaType format = spec.format.value_or(MediaType::png);
    results.encoder = std::max(results.encoder, area(plan.result) * encoder_bytes(format));
    results.animated = results.animated || animated;
  }
  return results;
}

}  // namespace

std::uint64_t estimate_render(const ImageFacts& facts, const std::vector<RenditionSpec>& specs) {
  Results results =
      predict_results(specs, {std::max(1u, facts.width), std::max(1u, facts.height)}, facts.frames);
  std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  std::uint64_t decoder = pixels * decoder_bytes(facts.content_type);
  if (results.animated && holds_all_frames(facts.content_type))
    decoder += pixels * kFrameBytes * (facts.frames - 1);
  return kWorker + decoder + results.pictures + results.encoder;
}

Result<void> check_results(const ImageFacts& facts, const std::vector<RenditionSpec>& specs,
                           std::uint64_t most) {
  const PixelSize source{std::max(1u, facts.width), std::max(1u, facts.height)};
  for (const auto& spec : specs) {
    const Results results = predict_results({spec}, source, facts.frames);
    if (kWorker + results.pictures + results.encoder <= most) continue;
    const PixelSize size = plan_geometry(spec, turned(spec, source)).result;
    const std::string detail = std::to_string(size.width) + " × " + std::to_string(size.height) +
                               " pixels in this format need more memory than there is for one " +
                               "picture: ask for a smaller one or another format.";
    return validation_error({{"width", "too_large", detail},
                             {"height", "too_large", detail},
                             {"format", "too_large", detail}});
  }
  return {};
}

std::uint64_t estimate_examine(std::uint64_t file_size, const std::optional<ImageFacts>& claimed,
                               const std::vector<RenditionSpec>& specs) {
  // 4:3, as most are; no larger than counts, whatever the file.
  auto unit = static_cast<std::uint32_t>(std::sqrt(file_size * kPixelsPerByte / 12.0)) + 1;
  unit = std::min(unit, 1'000'000u);
  ImageFacts photo;
  photo.width = 4 * unit;
  photo.height = 3 * unit;
  auto guess = std::max(kExamineAtLeast, estimate_render(photo, specs));
  return claimed ? std::max(guess, estimate_render(*claimed, specs)) : guess;
}

}  // namespace tintype

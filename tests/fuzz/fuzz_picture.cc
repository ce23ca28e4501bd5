#include "fuzz/fuzz_picture.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "imaging/decode.h"

namespace tintype::fuzz {
namespace {

constexpr MediaType kFormats[] = {MediaType::jpeg, MediaType::png, MediaType::webp, MediaType::gif,
                                  MediaType::avif};
constexpr std::size_t kMaxOutputs = 2;

bool has_quality(MediaType type) { return type != MediaType::png && type != MediaType::gif; }
bool can_move(MediaType type) { return type == MediaType::webp || type == MediaType::gif; }

void read_effects(RenditionSpec& spec, std::uint8_t flags, std::uint8_t strength) {
  spec.enlarge = (flags & 1) != 0;
  spec.grayscale = (flags & 2) != 0;
  spec.mirror = (flags & 4) != 0;
  spec.animated = (flags & 8) != 0 && can_move(*spec.format);
  if ((flags & 16) != 0) spec.blur = static_cast<std::uint16_t>(30 + strength * 4);
  if ((flags & 32) != 0) spec.sharpen = static_cast<std::uint16_t>(30 + strength * 2);
  if ((flags & 64) != 0) spec.background = Color{200, 30, 90, strength};
}

RenditionSpec read_spec(const std::uint8_t* wish) {
  RenditionSpec spec;
  spec.format = kFormats[wish[0] % 5];
  spec.fit = static_cast<Fit>(wish[1] % 5);
  spec.gravity.kind = static_cast<Gravity::Kind>(wish[1] / 5 % 3);
  spec.gravity.x = static_cast<std::uint16_t>(wish[1] * 39);
  spec.width = wish[2] * 2u;
  spec.height = wish[3] * 2u;
  read_effects(spec, wish[4], wish[7]);
  spec.rotate = static_cast<std::uint16_t>(wish[5] % 4 * 90);
  if (has_quality(*spec.format)) spec.quality = static_cast<std::uint8_t>(1 + wish[6] % 100);
  return canonical(spec);
}

}  // namespace

PictureInput read_input(const std::uint8_t* data, std::size_t size) {
  std::uint8_t wish[kWishBytes] = {};
  for (std::size_t i = 0; i < kWishBytes && i < size; ++i) wish[i] = data[i];
  PictureInput input;
  input.policy.quality = static_cast<QualityMode>(wish[5] / 4 % 3);
  input.policy.color = static_cast<ColorMode>(wish[5] / 16 % 2);
  input.specs.push_back(read_spec(wish));
  if (wish[5] >= 128) {  // a second size, made from the rows of the first where it can be
    input.specs.push_back(input.specs.front());
    input.specs.back().width = wish[2] / 3u;
    input.specs.back().height = wish[3] / 3u;
  }
  if (size > kWishBytes)
    input.file = {reinterpret_cast<const char*>(data) + kWishBytes, size - kWishBytes};
  return input;
}

Limits small_limits() {
  Limits limits;
  limits.max_pixels = 1'000'000;
  limits.max_total_pixels = 2'000'000;
  limits.max_side = 8192;
  limits.max_frames = 20;
  return limits;
}

const HeifLibrary* start_decoders() {
  static const std::optional<HeifLibrary> heif = [] {
    if (!start_vips().ok()) std::abort();
    return HeifLibrary::load();
  }();
  return heif ? &*heif : nullptr;
}

std::vector<int> empty_outputs(std::size_t count) {
  static const std::vector<int> files = [] {
    std::vector<int> made;
    for (std::size_t i = 0; i < kMaxOutputs; ++i) made.push_back(memfd_create("rendition", 0));
    return made;
  }();
  for (int file : files)
    if (ftruncate(file, 0) != 0) std::abort();
  return {files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace tintype::fuzz

#include "imaging/render.h"

#include <algorithm>
#include <utility>

#include "domain/format_choice.h"
#include "imaging/dominant_color.h"
#include "imaging/exif.h"
#include "imaging/failures.h"
#include "imaging/file_end.h"
#include "imaging/frame_reader.h"
#include "imaging/icc_profile.h"
#include "imaging/perceptual_hash.h"
#include "imaging/picture_maker.h"
#include "imaging/pixel_source.h"
#include "imaging/small_copy.h"
#include "imaging/thumb_hash.h"

namespace tintype {
namespace {

// How much larger than the result the decoder's pixels must stay when it shrinks by itself, which
// it does coarsely and in gamma space; 0: it must not. PNG shows what lossy formats hide. Measured:
// docs/PERFORMANCE.md, quality beside speed.
std::uint32_t reserve_of(QualityMode mode, bool lossless) {
  switch (mode) {
    case QualityMode::fast: return 2;
    case QualityMode::balanced: return lossless ? 0 : 4;
    case QualityMode::best: break;
  }
  return 0;
}

std::uint32_t cascade_of(QualityMode mode) { return mode == QualityMode::best ? 0 : 2; }

// Averaging two by two first costs a lossy picture nothing that the score sees, PNG a point and a
// half.
bool halves(QualityMode mode, bool lossless) {
  return mode == QualityMode::fast || (mode == QualityMode::balanced && !lossless);
}

bool is_times(PixelSize large, PixelSize small, std::uint64_t factor) {
  return large.width * std::uint64_t{101} >= small.width * factor * 100 &&
         large.height * std::uint64_t{101} >= small.height * factor * 100;
}

// The factor by which the decoder may shrink for all of the sizes. Sides are rounded to pixels, so
// a hundredth less than the reserve is enough.
std::uint32_t allowed_shrink(PixelSize full, const std::vector<PixelSize>& sizes,
                             std::uint32_t reserve) {
  if (reserve == 0 || sizes.empty()) return 1;
  std::uint32_t factor = 8;
  for (PixelSize size : sizes)
    while (factor > 1 && !is_times(full, size, factor * reserve)) factor /= 2;
  return factor;
}

bool turns_itself(MediaType type) {
  return type == MediaType::avif || type == MediaType::heic || type == MediaType::heif;
}

// HEIF turns the picture by its own properties, which decoders apply; EXIF then only repeats it
// (ISO/IEC 23008-12 §A.2.1).
ExifFacts exif_of(MediaType type, const PixelSource& source) {
  ExifFacts exif = parse_exif(source.facts().exif);
  if (turns_itself(type)) exif.orientation = 1;
  return exif;
}

SourceNotes notes_of(const PixelSource& source, const ExifFacts& exif) {
  const DecodedFacts& facts = source.facts();
  SourceNotes notes;
  notes.size = {facts.width, facts.height};
  notes.turn = turn_of_orientation(exif.orientation);
  if (!facts.is_srgb) notes.icc_profile = facts.icc_profile;
  notes.copyright = exif.camera.copyright;
  notes.animation = source.animation();
  notes.frames = source.frames();
  return notes;
}

// The renditions of one file, made side by side.
class Renditions {
 public:
  Renditions(const std::vector<RenditionSpec>& specs, const SourceNotes& notes,
             const RenderPolicy& policy)
      : policy_(policy) {
    for (const auto& spec : specs) {
      makers_.emplace_back(spec, notes, policy);
      lossless_ = lossless_ || spec.format == MediaType::png;
    }
    wishes_.cascade = cascade_of(policy.quality);
    wishes_.halve = halves(policy.quality, lossless_);
    for (const auto& maker : makers_) {
      wishes_.sizes.push_back(maker.wanted());
      wishes_.frames = std::max(wishes_.frames, maker.frames());
    }
  }

  Result<void> check() const {
    for (const auto& maker : makers_) TRY(maker.check());
    return {};
  }
  // A size beyond those of the renditions, whose pixels are kept.
  void also(PixelSize size) { wishes_.sizes.push_back(size); }
  PixelBuffer& extra() { return extra_; }

  Result<void> read(PixelSource& source, PixelSize full) {
    const std::uint32_t reserve = reserve_of(policy_.quality, lossless_);
    source.shrink(allowed_shrink(full, wishes_.sizes, reserve));
    if (wishes_.halve && can_be_halved(source.size(), wishes_.sizes)) source.be_quick();
    return read_frames(source, wishes_, [&](std::uint32_t frame, std::vector<PixelBuffer> sizes) {
      return take(frame, std::move(sizes));
    });
  }

  Result<std::vector<RenderedFile>> encode(const std::vector<int>& outputs) {
    std::vector<RenderedFile> files;
    for (std::size_t i = 0; i < makers_.size(); ++i) {
      auto file = TRY(makers_[i].encode(outputs[i]));
      files.push_back(file);
    }
    return files;
  }

 private:
  Result<void> take(std::uint32_t frame, std::vector<PixelBuffer> sizes) {
    for (std::size_t i = 0; i < makers_.size(); ++i) TRY(makers_[i].add_frame(std::move(sizes[i])));
    if (frame == 0 && sizes.size() > makers_.size()) extra_ = std::move(sizes.back());
    return {};
  }

  RenderPolicy policy_;
  bool lossless_ = false;
  std::vector<PictureMaker> makers_;
  FrameWishes wishes_;
  PixelBuffer extra_;
};

// Of an examination: what these specs will mean to a client that says nothing of formats, for the
// first frame.
std::vector<RenditionSpec> ladder_specs(std::vector<RenditionSpec> specs, const ImageFacts& facts) {
  for (auto& spec : specs) {
    spec.animated = false;
    spec = resolve(spec, choose_format(spec, facts, {}), facts);
  }
  return specs;
}

void describe(ImageFacts& facts, MediaType type, const PixelSource& source, const ExifFacts& exif) {
  const DecodedFacts& decoded = source.facts();
  facts.content_type = type;
  facts.width = decoded.width;
  facts.height = decoded.height;
  if (exif.orientation >= 5) std::swap(facts.width, facts.height);
  facts.frames = decoded.frames;
  facts.orientation = exif.orientation;
  facts.has_alpha = decoded.has_alpha;
  facts.color_profile = icc_profile_name(decoded.icc_profile);
}

Result<void> describe_look(ImageFacts& facts, const PixelBuffer& pixels, const SourceNotes& notes) {
  auto picture = TRY(small_copy(pixels, notes.turn, notes.icc_profile));
  facts.thumbhash = thumb_hash(picture);
  facts.dominant_color = dominant_color(picture);
  facts.perceptual_hash = perceptual_hash(picture);
  return {};
}

// What a decoder calls damage is often only the end of the file.
template <typename T>
Result<T> or_truncated(Result<T> result, MediaType type, std::string_view file) {
  if (!result.ok() && result.error().code == "corrupt_image" && ends_early(type, file))
    return truncated_image();
  return result;
}

Result<InspectAnswer> examine(MediaType type, PixelSource& source,
                              const std::vector<RenditionSpec>& specs, const RenderPolicy& policy,
                              const std::vector<int>& outputs) {
  const ExifFacts exif = exif_of(type, source);
  const SourceNotes notes = notes_of(source, exif);
  InspectAnswer answer;
  describe(answer.facts, type, source, exif);
  Renditions renditions(ladder_specs(specs, answer.facts), notes, policy);
  renditions.also(small_copy_size(notes.size));
  TRY(renditions.read(source, notes.size));
  answer.camera = exif.camera;
  answer.location = exif.location;
  TRY(describe_look(answer.facts, renditions.extra(), notes));
  answer.renditions = TRY(renditions.encode(outputs));
  return answer;
}

}  // namespace

Result<std::vector<RenderedFile>> render_file(std::string_view file,
                                              const std::vector<RenditionSpec>& specs,
                                              const RenderPolicy& policy, const Limits& limits,
                                              const HeifLibrary* heif,
                                              const std::vector<int>& outputs) {
  const MediaType type = TRY(sniff_source(file));
  SourceOptions options;
  options.limits = limits;
  options.heif = heif;
  options.all_frames = std::ranges::any_of(
      specs, [](const RenditionSpec& spec) { return spec.animated.value_or(false); });
  auto source = TRY(open_source(type, file, options));
  const SourceNotes notes = notes_of(*source, exif_of(type, *source));
  Renditions renditions(specs, notes, policy);
  TRY(renditions.check());
  TRY(renditions.read(*source, notes.size));
  return renditions.encode(outputs);
}

Result<InspectAnswer> examine_file(std::string_view file, const std::vector<RenditionSpec>& specs,
                                   const RenderPolicy& policy, const Limits& limits,
                                   const HeifLibrary* heif, const std::vector<int>& outputs) {
  const MediaType type = TRY(sniff_source(file));
  SourceOptions options{true, limits, heif};
  auto source = TRY(open_source(type, file, options));
  return or_truncated(examine(type, *source, specs, policy, outputs), type, file);
}

}  // namespace tintype

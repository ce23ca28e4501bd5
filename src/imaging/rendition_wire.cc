#include "imaging/rendition_wire.h"

#include "ports/image_engine.h"

namespace tintype {
namespace {

constexpr std::uint8_t kNoFormat = 0xFF;
// Wider than any limit an operator may set; the pool compares with the limits of the job.
constexpr std::uint32_t kMaxWireSide = 1'000'000;
constexpr std::uint32_t kMaxWireFrames = 1'000'000;
constexpr std::uint16_t kMaxSigma = 10'000;  // hundredths; parse_rendition() is stricter

Error unreadable() { return invalid_error("bad_message", "unreadable imaging message"); }

template <typename T>
T read_word(WireReader& in, T last) {
  auto value = in.integer<std::uint8_t>();
  in.check(value <= static_cast<std::uint8_t>(last));
  return static_cast<T>(value);
}

std::uint32_t read_up_to(WireReader& in, std::uint32_t most) {
  auto value = in.integer<std::uint32_t>();
  in.check(value <= most);
  return value;
}

std::uint16_t read_up_to(WireReader& in, std::uint16_t most) {
  auto value = in.integer<std::uint16_t>();
  in.check(value <= most);
  return value;
}

bool can_be_written(MediaType type) { return type <= MediaType::avif; }

void write_color(WireWriter& out, const std::optional<Color>& color) {
  out.integer<std::uint8_t>(color.has_value());
  if (!color) return;
  out.integer(color->red).integer(color->green).integer(color->blue).integer(color->alpha);
}

std::optional<Color> read_color(WireReader& in) {
  if (!in.flag()) return std::nullopt;
  Color color;
  for (auto* part : {&color.red, &color.green, &color.blue, &color.alpha})
    *part = in.integer<std::uint8_t>();
  return color;
}

void write_gravity(WireWriter& out, const Gravity& gravity) {
  out.integer(static_cast<std::uint8_t>(gravity.kind)).integer(gravity.x).integer(gravity.y);
}

Gravity read_gravity(WireReader& in) {
  Gravity gravity;
  gravity.kind = read_word(in, Gravity::Kind::entropy);
  gravity.x = read_up_to(in, std::uint16_t{10'000});
  gravity.y = read_up_to(in, std::uint16_t{10'000});
  return gravity;
}

std::optional<MediaType> read_format(WireReader& in) {
  auto value = in.integer<std::uint8_t>();
  if (value == kNoFormat) return std::nullopt;
  in.check(can_be_written(static_cast<MediaType>(value)));
  return static_cast<MediaType>(value);
}

// 0 and 1, and 2 for nothing.
std::optional<bool> read_choice(WireReader& in) {
  auto value = in.integer<std::uint8_t>();
  in.check(value <= 2);
  if (value == 2) return std::nullopt;
  return value == 1;
}

void write_spec(WireWriter& out, const RenditionSpec& spec) {
  out.integer(spec.width).integer(spec.height).integer(static_cast<std::uint8_t>(spec.fit));
  write_gravity(out, spec.gravity);
  out.integer<std::uint8_t>(spec.format ? static_cast<std::uint8_t>(*spec.format) : kNoFormat);
  out.integer(spec.quality);
  write_color(out, spec.background);
  out.integer(spec.blur).integer(spec.sharpen).integer(spec.rotate);
  out.integer<std::uint8_t>(spec.mirror).integer<std::uint8_t>(spec.grayscale);
  out.integer<std::uint8_t>(spec.enlarge);
  out.integer<std::uint8_t>(spec.animated ? static_cast<std::uint8_t>(*spec.animated) : 2);
}

RenditionSpec read_spec(WireReader& in) {
  RenditionSpec spec;
  spec.width = read_up_to(in, kMaxRenditionSide);
  spec.height = read_up_to(in, kMaxRenditionSide);
  spec.fit = read_word(in, Fit::outside);
  spec.gravity = read_gravity(in);
  spec.format = read_format(in);
  spec.quality = in.integer<std::uint8_t>();
  in.check(spec.quality <= 100);
  spec.background = read_color(in);
  spec.blur = read_up_to(in, kMaxSigma);
  spec.sharpen = read_up_to(in, kMaxSigma);
  spec.rotate = read_up_to(in, std::uint16_t{270});
  in.check(spec.rotate % 90 == 0);
  spec.mirror = in.flag();
  spec.grayscale = in.flag();
  spec.enlarge = in.flag();
  spec.animated = read_choice(in);
  return spec;
}

RenderedFile read_file(WireReader& in) {
  RenderedFile file;
  file.content_type = read_word(in, MediaType::avif);
  file.width = read_up_to(in, kMaxWireSide);
  file.height = read_up_to(in, kMaxWireSide);
  file.frames = read_up_to(in, kMaxWireFrames);
  file.size = in.integer<std::uint64_t>();
  in.check(file.width > 0 && file.height > 0 && file.frames > 0 && file.size > 0);
  return file;
}

// How many follow; nothing is read for more than a job can ask for.
std::size_t read_count(WireReader& in) {
  auto count = in.integer<std::uint8_t>();
  in.check(count <= kMaxRenditionsAtOnce);
  return count <= kMaxRenditionsAtOnce ? count : 0;
}

}  // namespace

std::string encode_render_wishes(const RenderWishes& wishes) {
  WireWriter out;
  out.integer(static_cast<std::uint8_t>(wishes.policy.quality));
  out.integer(static_cast<std::uint8_t>(wishes.policy.color));
  out.integer(static_cast<std::uint8_t>(wishes.specs.size()));
  for (const auto& spec : wishes.specs) write_spec(out, spec);
  return out.take();
}

Result<RenderWishes> decode_render_wishes(std::string_view payload) {
  WireReader in(payload);
  RenderWishes wishes;
  wishes.policy.quality = read_word(in, QualityMode::best);
  wishes.policy.color = read_word(in, ColorMode::srgb);
  for (std::size_t left = read_count(in); left > 0; --left) wishes.specs.push_back(read_spec(in));
  if (!in.done()) return unreadable();
  return wishes;
}

void write_rendered(WireWriter& out, const std::vector<RenderedFile>& files) {
  out.integer(static_cast<std::uint8_t>(files.size()));
  for (const auto& file : files) {
    out.integer(static_cast<std::uint8_t>(file.content_type));
    out.integer(file.width).integer(file.height).integer(file.frames).integer(file.size);
  }
}

std::vector<RenderedFile> read_rendered(WireReader& in) {
  std::vector<RenderedFile> files;
  for (std::size_t left = read_count(in); left > 0; --left) files.push_back(read_file(in));
  return files;
}

std::string encode_render_answer(const std::vector<RenderedFile>& files) {
  WireWriter out;
  write_rendered(out, files);
  return out.take();
}

Result<std::vector<RenderedFile>> decode_render_answer(std::string_view payload) {
  WireReader in(payload);
  auto files = read_rendered(in);
  if (!in.done()) return unreadable();
  return files;
}

}  // namespace tintype

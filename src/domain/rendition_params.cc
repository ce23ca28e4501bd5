// parse_rendition: parameters to a spec. One table says how each is read.
#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "domain/rendition_spec.h"
#include "domain/rendition_words.h"

namespace tintype {
namespace {

constexpr std::uint32_t kOneToOne = 1'000'000;  // of `dpr`, kept in millionths

// What the parameters say before they are brought together.
struct RenditionDraft {
  RenditionSpec spec;
  std::uint32_t dpr = kOneToOne;
  bool upside_down = false;  // flip=v
};

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A plain decimal (`12`, `0.5`) in units of the last of `places`, rounded to the nearest. Nothing
// for anything else.
std::optional<std::uint64_t> read_decimal(std::string_view text, std::size_t places) {
  auto dot = text.find('.');
  auto whole = text.substr(0, dot);
  auto fraction = dot == text.npos ? std::string_view("0") : text.substr(dot + 1);
  bool well_formed = !whole.empty() && whole.size() <= 6 && !fraction.empty() &&
                     fraction.size() <= 24 && all_digits(whole) && all_digits(fraction);
  if (!well_formed) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), value);
  for (std::size_t i = 0; i < places; ++i) {
    auto digit = i < fraction.size() ? fraction[i] - '0' : 0;
    value = value * 10 + static_cast<std::uint64_t>(digit);
  }
  bool up = fraction.size() > places && fraction[places] >= '5';
  return value + (up ? 1 : 0);
}

// Each of these stores the value, or returns false when it is not one.
template <typename T>
bool read_scaled(std::string_view text, std::size_t places, std::uint64_t min, std::uint64_t max,
                 T& out) {
  auto value = read_decimal(text, places);
  if (!value || *value < min || *value > max) return false;
  out = static_cast<T>(*value);
  return true;
}

template <typename T>
bool read_whole(std::string_view text, std::uint64_t min, std::uint64_t max, T& out) {
  return all_digits(text) && read_scaled(text, 0, min, max, out);
}

bool read_flag(std::string_view text, bool& out) {
  out = text != "false";
  return text.empty() || text == "true" || text == "false";
}

bool read_width(RenditionDraft& draft, std::string_view text) {
  return read_whole(text, 1, kMaxRenditionSide, draft.spec.width);
}

bool read_height(RenditionDraft& draft, std::string_view text) {
  return read_whole(text, 1, kMaxRenditionSide, draft.spec.height);
}

bool read_dpr(RenditionDraft& draft, std::string_view text) {
  return read_scaled(text, 6, kOneToOne, 4 * kOneToOne, draft.dpr);
}

bool read_fit(RenditionDraft& draft, std::string_view text) {
  auto found = std::ranges::find(kFitWords, text);
  if (found == std::end(kFitWords)) return false;
  draft.spec.fit = static_cast<Fit>(found - std::begin(kFitWords));
  return true;
}

struct GravityWord {
  std::string_view word;
  Gravity gravity;
};
constexpr auto kPoint = Gravity::Kind::point;
constexpr GravityWord kGravityWords[] = {
    {"center", {}},
    {"attention", {Gravity::Kind::attention, 5000, 5000}},
    {"entropy", {Gravity::Kind::entropy, 5000, 5000}},
    {"north", {kPoint, 5000, 0}},
    {"northeast", {kPoint, 10000, 0}},
    {"east", {kPoint, 10000, 5000}},
    {"southeast", {kPoint, 10000, 10000}},
    {"south", {kPoint, 5000, 10000}},
    {"southwest", {kPoint, 0, 10000}},
    {"west", {kPoint, 0, 5000}},
    {"northwest", {kPoint, 0, 0}},
};

bool read_gravity(RenditionDraft& draft, std::string_view text) {
  auto& gravity = draft.spec.gravity;
  auto found = std::ranges::find(kGravityWords, text, &GravityWord::word);
  if (found != std::end(kGravityWords)) {
    gravity = found->gravity;
    return true;
  }
  auto comma = text.find(',');
  return comma != text.npos && read_scaled(text.substr(0, comma), 4, 0, 10'000, gravity.x) &&
         read_scaled(text.substr(comma + 1), 4, 0, 10'000, gravity.y);
}

bool read_format(RenditionDraft& draft, std::string_view text) {
  auto found = std::ranges::find(kRenditionFormats, text, format_word);
  if (found != std::end(kRenditionFormats)) draft.spec.format = *found;
  return draft.spec.format || text == "auto";
}

bool read_quality(RenditionDraft& draft, std::string_view text) {
  return read_whole(text, 1, 100, draft.spec.quality);
}

bool read_background(RenditionDraft& draft, std::string_view text) {
  auto bytes = hex_decode(text);
  if (!bytes.ok() || bytes->size() < 3 || bytes->size() > 4) return false;
  auto at = [&](std::size_t i) { return static_cast<std::uint8_t>((*bytes)[i]); };
  std::uint8_t alpha = bytes->size() == 4 ? at(3) : 255;
  draft.spec.background = Color{at(0), at(1), at(2), alpha};
  return true;
}

bool read_blur(RenditionDraft& draft, std::string_view text) {
  return read_scaled(text, 2, 30, 10'000, draft.spec.blur);
}

bool read_sharpen(RenditionDraft& draft, std::string_view text) {
  return read_scaled(text.empty() ? "1" : text, 2, 30, 1'000, draft.spec.sharpen);
}

bool read_rotate(RenditionDraft& draft, std::string_view text) {
  return read_whole(text, 90, 270, draft.spec.rotate) && draft.spec.rotate % 90 == 0;
}

bool read_flip(RenditionDraft& draft, std::string_view text) {
  draft.spec.mirror = true;
  draft.upside_down = text == "v";
  return text == "h" || text == "v";
}

bool read_grayscale(RenditionDraft& draft, std::string_view text) {
  return read_flag(text, draft.spec.grayscale);
}

bool read_enlarge(RenditionDraft& draft, std::string_view text) {
  return read_flag(text, draft.spec.enlarge);
}

bool read_animated(RenditionDraft& draft, std::string_view text) {
  return read_flag(text, draft.spec.animated.emplace());
}

struct RenditionParam {
  std::string_view name;
  bool (*read)(RenditionDraft&, std::string_view);
  std::string_view expected;
};

constexpr std::string_view kFlagExpected = "It must be true or false.";
constexpr std::string_view kSideExpected = "It must be a whole number from 1 to 8192.";
constexpr RenditionParam kParams[] = {
    {"width", read_width, kSideExpected},
    {"height", read_height, kSideExpected},
    {"dpr", read_dpr, "It must be a number from 1 to 4."},
    {"fit", read_fit, "It must be inside, cover, contain, fill or outside."},
    {"gravity", read_gravity,
     "It must be center, attention, entropy, a direction such as north or southwest, or two "
     "numbers "
     "from 0 to 1 with a comma between them."},
    {"format", read_format, "It must be auto, jpeg, webp, avif, png or gif."},
    {"quality", read_quality, "It must be a whole number from 1 to 100."},
    {"background", read_background, "It must be a color as six or eight hex digits."},
    {"blur", read_blur, "It must be a number from 0.3 to 100."},
    {"sharpen", read_sharpen, "It must be a number from 0.3 to 10, or empty."},
    {"rotate", read_rotate, "It must be 90, 180 or 270."},
    {"flip", read_flip, "It must be h or v."},
    {"grayscale", read_grayscale, kFlagExpected},
    {"animated", read_animated, kFlagExpected},
    {"enlarge", read_enlarge, kFlagExpected},
};
static_assert(kMaxRenditionSide == 8192, "kSideExpected says so");

const RenditionParam* find_param(std::string_view name) {
  auto found = std::ranges::find(kParams, name, &RenditionParam::name);
  return found == std::end(kParams) ? nullptr : found;
}

void read_param(RenditionDraft& draft, const std::string& name, const std::string& value,
                std::vector<FieldError>& errors) {
  auto param = find_param(name);
  if (!param) {
    errors.push_back({name, "unknown_field", "It is not a parameter of renditions."});
  } else if (!param->read(draft, value)) {
    errors.push_back({name, "invalid_value", std::string(param->expected)});
  }
}

bool appears_before(const RenditionParams& params, std::size_t index) {
  auto first = std::ranges::find(params, params[index].first, &RenditionParams::value_type::first);
  return first - params.begin() < static_cast<std::ptrdiff_t>(index);
}

// Multiplies the device pixel ratio into the sides.
void apply_dpr(RenditionDraft& draft, std::vector<FieldError>& errors) {
  for (auto side : {&draft.spec.width, &draft.spec.height}) {
    auto product = std::uint64_t{*side} * draft.dpr;
    *side = static_cast<std::uint32_t>((product + kOneToOne / 2) / kOneToOne);
  }
  if (std::max(draft.spec.width, draft.spec.height) > kMaxRenditionSide) {
    errors.push_back({"dpr", "invalid_value", "It makes a side longer than 8192 pixels."});
  }
}

}  // namespace

bool is_rendition_param(std::string_view name) { return find_param(name) != nullptr; }

Result<RenditionSpec> parse_rendition(const RenditionParams& params) {
  RenditionDraft draft;
  std::vector<FieldError> errors;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto& [name, value] = params[i];
    if (appears_before(params, i))
      errors.push_back({name, "duplicate_field", "It is given more than once."});
    else read_param(draft, name, value, errors);
  }
  apply_dpr(draft, errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  // Upside down is half a turn and then mirrored.
  auto& rotate = draft.spec.rotate;
  if (draft.upside_down) rotate = static_cast<std::uint16_t>((rotate + 180) % 360);
  return canonical(draft.spec);
}

}  // namespace tintype

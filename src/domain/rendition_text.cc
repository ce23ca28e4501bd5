// rendition_params: a spec to parameters.
#include "base/encoding.h"
#include "domain/rendition_spec.h"
#include "domain/rendition_words.h"

namespace tintype {
namespace {

// `value` in units of the last of `places`, without zeros at the end: 30 of 2 is `0.3`.
std::string decimal(std::uint32_t value, std::size_t places) {
  std::string digits = std::to_string(value);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  while (digits.ends_with('0')) digits.pop_back();
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

std::string gravity_text(const Gravity& gravity) {
  if (gravity.kind == Gravity::Kind::attention) return "attention";
  if (gravity.kind == Gravity::Kind::entropy) return "entropy";
  return decimal(gravity.x, 4) + "," + decimal(gravity.y, 4);
}

std::string color_text(const Color& color) {
  std::string bytes;
  for (auto part : {color.red, color.green, color.blue}) bytes += static_cast<char>(part);
  if (color.alpha != 255) bytes += static_cast<char>(color.alpha);
  return hex_encode(bytes);
}

class ParamsWriter {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += std::string(name) + '=' + percent_encode(value);
  }
  void add_number(std::string_view name, std::uint32_t value) {
    if (value != 0) add(name, std::to_string(value));
  }
  void add_hundredths(std::string_view name, std::uint32_t value) {
    if (value != 0) add(name, decimal(value, 2));
  }
  void add_flag(std::string_view name, bool value) {
    if (value) add(name, "true");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string rendition_params(const RenditionSpec& spec) {
  ParamsWriter out;  // in order of name
  if (spec.animated) out.add("animated", *spec.animated ? "true" : "false");
  if (spec.background) out.add("background", color_text(*spec.background));
  out.add_hundredths("blur", spec.blur);
  out.add_flag("enlarge", spec.enlarge);
  if (spec.fit != Fit::inside) out.add("fit", kFitWords[static_cast<std::size_t>(spec.fit)]);
  if (spec.mirror) out.add("flip", "h");
  if (spec.format) out.add("format", format_word(*spec.format));
  if (spec.gravity != Gravity{}) out.add("gravity", gravity_text(spec.gravity));
  out.add_flag("grayscale", spec.grayscale);
  out.add_number("height", spec.height);
  out.add_number("quality", spec.quality);
  out.add_number("rotate", spec.rotate);
  out.add_hundredths("sharpen", spec.sharpen);
  out.add_number("width", spec.width);
  return out.take();
}

}  // namespace tintype

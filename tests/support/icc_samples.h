// ICC profiles made by hand (ICC.1:2022): compact ones of primaries and a tone curve.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace tintype::samples {

inline std::string icc_number(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}
inline std::string icc_fixed(double value) {
  return icc_number(static_cast<std::uint32_t>(std::lround(value * 65536)));
}

struct IccTag {
  std::string name, data;
};

// `space` is the header's: `RGB `, `GRAY`.
inline std::string icc_profile(const std::string& space, const std::vector<IccTag>& tags) {
  std::string table = icc_number(static_cast<std::uint32_t>(tags.size())), body;
  const std::size_t start = 128 + 4 + 12 * tags.size();
  for (const auto& tag : tags) {
    table += tag.name + icc_number(static_cast<std::uint32_t>(start + body.size())) +
             icc_number(static_cast<std::uint32_t>(tag.data.size()));
    body += tag.data;
    body.resize((body.size() + 3) / 4 * 4, '\0');
  }
  std::string head(128, '\0');
  head.replace(0, 4, icc_number(static_cast<std::uint32_t>(start + body.size())));
  head.replace(8, 4, icc_number(0x02100000));
  head.replace(12, 12, "mntr" + space + "XYZ ");
  head.replace(36, 4, "acsp");
  head.replace(68, 12, icc_fixed(0.9642) + icc_fixed(1) + icc_fixed(0.8249));
  return head + table + body;
}

inline std::string icc_description(const std::string& text) {
  std::string tag = "desc" + icc_number(0) +
                    icc_number(static_cast<std::uint32_t>(text.size() + 1)) + text + '\0';
  tag.resize(tag.size() + 78, '\0');
  return tag;
}
inline std::string icc_color(double x, double y, double z) {
  return "XYZ " + icc_number(0) + icc_fixed(x) + icc_fixed(y) + icc_fixed(z);
}

// Tone curves: of no entry (linear), one (a gamma), many (a table); and of a formula.
inline std::string icc_curve(const std::vector<double>& table = {}) {
  std::string tag = "curv" + icc_number(0) + icc_number(static_cast<std::uint32_t>(table.size()));
  for (double value : table)
    tag += icc_number(static_cast<std::uint32_t>(std::lround(value * 65535)), 2);
  return tag;
}
inline std::string icc_gamma(double gamma) {
  return "curv" + icc_number(0) + icc_number(1) +
         icc_number(static_cast<std::uint32_t>(std::lround(gamma * 256)), 2);
}
inline std::string icc_formula(std::uint32_t type, const std::vector<double>& numbers) {
  std::string tag = "para" + icc_number(0) + icc_number(type, 2) + icc_number(0, 2);
  for (double number : numbers) tag += icc_fixed(number);
  return tag;
}
inline std::string icc_srgb_formula() {
  return icc_formula(3, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045});
}

struct IccPrimaries {
  std::string red, green, blue;
};
inline IccPrimaries srgb_primaries() {
  return {icc_color(0.43607, 0.22249, 0.01392), icc_color(0.38515, 0.71687, 0.09708),
          icc_color(0.14307, 0.06061, 0.71410)};
}
inline IccPrimaries adobe_primaries() {
  return {icc_color(0.60974, 0.31111, 0.01947), icc_color(0.20528, 0.62567, 0.06087),
          icc_color(0.14919, 0.06322, 0.74457)};
}
inline std::string rgb_profile(const std::string& description, const std::string& curve,
                               const IccPrimaries& primaries = srgb_primaries()) {
  return icc_profile("RGB ", {{"desc", icc_description(description)},
                              {"wtpt", icc_color(0.9642, 1, 0.8249)},
                              {"rXYZ", primaries.red},
                              {"gXYZ", primaries.green},
                              {"bXYZ", primaries.blue},
                              {"rTRC", curve},
                              {"gTRC", curve},
                              {"bTRC", curve},
                              {"cprt", "text" + icc_number(0) + "none" + '\0'}});
}
inline std::string gray_profile(const std::string& curve) {
  return icc_profile("GRAY", {{"kTRC", curve}, {"wtpt", icc_color(0.9642, 1, 0.8249)}});
}

}  // namespace tintype::samples

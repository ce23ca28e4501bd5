#include "imaging/linear_light.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "imaging/row_kernels.h"

namespace tintype {
namespace {

constexpr std::uint32_t kFull = kFullLight;

std::array<std::uint16_t, 256> make_linear_table() {
  std::array<std::uint8_t, 256> codes{};
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i);
  std::array<std::uint16_t, 256> table{};
  row_kernels().to_linear(codes.data(), table.data(), codes.size());
  return table;
}

// For each linear value the code whose own is nearest.
std::vector<std::uint8_t> make_code_table() {
  const auto& linear = linear_table();
  std::vector<std::uint8_t> table(kFull + 1);
  std::size_t code = 0;
  for (std::uint32_t value = 0; value <= kFull; ++value) {
    while (code < 255 && value * 2 > std::uint32_t{linear[code]} + linear[code + 1]) ++code;
    table[value] = static_cast<std::uint8_t>(code);
  }
  return table;
}

const std::uint8_t* code_table() {
  static const std::vector<std::uint8_t> table = make_code_table();
  return table.data();
}

}  // namespace

const std::array<std::uint16_t, 256>& linear_table() {
  static const auto table = make_linear_table();
  return table;
}

void to_linear(const std::uint8_t* in, std::uint16_t* out, std::size_t samples) {
  row_kernels().to_linear(in, out, samples);
}

void from_linear(const std::uint16_t* in, std::uint8_t* out, std::size_t samples) {
  const std::uint8_t* codes = code_table();
  for (std::size_t i = 0; i < samples; ++i) out[i] = codes[in[i]];
}

void to_linear_rgba(const std::uint8_t* in, std::uint16_t* out, std::size_t pixels) {
  const auto& linear = linear_table();
  for (std::size_t i = 0; i < pixels; ++i, in += 4, out += 4) {
    const std::uint32_t alpha = in[3];
    for (int band = 0; band < 3; ++band)
      out[band] = static_cast<std::uint16_t>((linear[in[band]] * alpha + 127) / 255);
    out[3] = static_cast<std::uint16_t>((alpha * kFull + 127) / 255);
  }
}

void from_linear_rgba(const std::uint16_t* in, std::uint8_t* out, std::size_t pixels) {
  const std::uint8_t* codes = code_table();
  for (std::size_t i = 0; i < pixels; ++i, in += 4, out += 4) {
    const std::uint32_t alpha = in[3];
    out[3] = static_cast<std::uint8_t>((alpha * 255 + kFull / 2) / kFull);
    const float scale = alpha > 0 ? static_cast<float>(kFull) / static_cast<float>(alpha) : 0.0f;
    for (int band = 0; band < 3; ++band) {
      const float straight = static_cast<float>(in[band]) * scale + 0.5f;
      out[band] = codes[straight < static_cast<float>(kFull) ? static_cast<int>(straight) : kFull];
    }
  }
}

}  // namespace tintype

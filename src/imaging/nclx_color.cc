#include "imaging/nclx_color.h"

#include <cstdint>

#include "imaging/built_in_profile.h"
#include "imaging/byte_reader.h"

namespace tintype {
namespace {

constexpr std::size_t kBeginning = 64 * 1024;
constexpr std::string_view kBox = "colrnclx";

// H.273 tables 2 and 3.
constexpr std::uint16_t kDisplayP3 = 12;
constexpr std::uint16_t kBt709 = 1, kUnspecified = 2, kSrgb = 13;

// Encoders that know the primaries alone leave the curve open or name that of video.
bool is_srgb_curve(std::uint16_t transfer) {
  return transfer == kSrgb || transfer == kBt709 || transfer == kUnspecified;
}

}  // namespace

std::string nclx_profile(std::string_view file) {
  const auto beginning = file.substr(0, kBeginning);
  const auto box = beginning.find(kBox);
  if (box == std::string_view::npos) return {};
  ByteReader in(beginning);
  const auto primaries = in.be16(box + kBox.size());
  const auto transfer = in.be16(box + kBox.size() + 2);
  const bool is_p3 = primaries == kDisplayP3 && transfer && is_srgb_curve(*transfer);
  return is_p3 ? display_p3_profile() : std::string();
}

}  // namespace tintype

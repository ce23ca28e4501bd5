#include "imaging/image_header.h"

#include <string>

#include "imaging/failures.h"

namespace tintype {
namespace {

std::string size_text(const ImageHeader& header) {
  return std::to_string(header.width) + " x " + std::to_string(header.height);
}

}  // namespace

Result<void> check_limits(const ImageHeader& header, const Limits& limits) {
  if (header.width == 0 || header.height == 0 || header.frames == 0)
    return corrupt_image("The image has no pixels.");
  if (header.frames > limits.max_frames)
    return too_many_frames("The image has more than " + std::to_string(limits.max_frames) +
                           " frames.");
  if (header.width > limits.max_side || header.height > limits.max_side)
    return too_many_pixels("The image is " + size_text(header) + " pixels; a side may have " +
                           std::to_string(limits.max_side) + ".");
  // Two 32-bit sides and a frame count below 2^32: only the last product could overflow.
  std::uint64_t pixels = std::uint64_t{header.width} * header.height;
  if (pixels > limits.max_pixels)
    return too_many_pixels("The image is " + size_text(header) + " pixels; " +
                           std::to_string(limits.max_pixels) + " in all are accepted.");
  if (pixels > limits.max_total_pixels / header.frames)
    return too_many_pixels("The frames of the image have more than " +
                           std::to_string(limits.max_total_pixels) + " pixels together.");
  return {};
}

}  // namespace tintype

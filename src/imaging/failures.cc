#include "imaging/failures.h"

#include <algorithm>
#include <array>

namespace tintype {
namespace {

constexpr std::array<std::string_view, 6> kCodes = {"not_an_image",    "unsupported_format",
                                                    "corrupt_image",   "too_many_pixels",
                                                    "too_many_frames", "processing_timeout"};

Error failure(std::string_view code, std::string detail) {
  return Error{ErrorKind::unprocessable, std::string(code), std::move(detail), {}};
}

}  // namespace

Error not_an_image(std::string detail) { return failure(kCodes[0], std::move(detail)); }
Error unsupported_format(std::string detail) { return failure(kCodes[1], std::move(detail)); }
Error corrupt_image(std::string detail) { return failure(kCodes[2], std::move(detail)); }
Error truncated_image() { return corrupt_image("The file ends before the image does."); }
Error damaged_image() { return corrupt_image("The image is damaged and cannot be decoded."); }
Error decoder_out_of_memory() {
  return too_many_pixels("The image needs more memory to decode than a worker may use.");
}
Error too_many_pixels(std::string detail) { return failure(kCodes[3], std::move(detail)); }
Error too_many_frames(std::string detail) { return failure(kCodes[4], std::move(detail)); }
Error processing_timeout(std::string detail) { return failure(kCodes[5], std::move(detail)); }

bool is_image_failure_code(std::string_view code) {
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

}  // namespace tintype

// The ways in which a file can be at fault: errors of kind `unprocessable` with a code of the wire
// contract's failure list. `detail` is one sentence for the person who uploaded the file.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace tintype {

Error not_an_image(std::string detail);
Error unsupported_format(std::string detail);
Error corrupt_image(std::string detail);
// Errors `corrupt_image` with words of their own: the file ends before the image does; a decoder
// found fault with the data.
Error truncated_image();
Error damaged_image();
Error too_many_pixels(std::string detail);
// `too_many_pixels` for this installation: a decoder needed more memory than a worker may have.
Error decoder_out_of_memory();
Error too_many_frames(std::string detail);
Error processing_timeout(std::string detail);

// True for the codes above and no other.
bool is_image_failure_code(std::string_view code);

}  // namespace tintype

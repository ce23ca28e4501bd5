// What a file that was never looked into claims to be, for predicting the memory that it will take
// (memory_estimate.h). Runs in the server, so it reads a few integers of the file's beginning and
// nothing else. Nothing is trusted: a lie costs a wrong prediction.
#pragma once

#include <optional>
#include <string_view>

#include "domain/image_metadata.h"
#include "domain/limits.h"
#include "ports/image_engine.h"

namespace tintype {

// The type and the size of one frame, or nothing when they cannot be found there, or are beyond the
// limits, where the worker refuses the file by its header. Of AVIF and HEIC the largest of the
// sizes that are said of items.
std::optional<ImageFacts> planned_size(std::string_view beginning, const Limits& limits);

// The same of a file's first 256 KiB. One that cannot be read claims nothing.
std::optional<ImageFacts> planned_size(const ImageSource& source, const Limits& limits);

}  // namespace tintype

// Whether a file ends before its image does: what a broken download or a full disk leaves behind.
#pragma once

#include <string_view>

#include "domain/media_type.h"

namespace tintype {

// True when the outermost structure of the file goes on behind its last byte: a PNG without its end
// chunk, a box longer than what is there. It looks at lengths and markers alone, so a file of full
// length with damaged lengths may seem to end early, and one with damaged data does not.
bool ends_early(MediaType type, std::string_view file);

}  // namespace tintype

// Compact ICC profiles that libvips carries.
#pragma once

#include <string>

namespace tintype {

// Display P3, in half a kilobyte. Empty when libvips fails.
const std::string& display_p3_profile();

}  // namespace tintype

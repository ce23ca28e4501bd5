#include "imaging/built_in_profile.h"

#include <vips/vips.h>

namespace tintype {
namespace {

std::string load(const char* name) {
  VipsBlob* blob = nullptr;
  if (vips_profile_load(name, &blob, nullptr) != 0 || !blob) {
    vips_error_clear();
    return {};
  }
  std::size_t size = 0;
  const void* data = vips_blob_get(blob, &size);
  std::string profile(static_cast<const char*>(data), size);
  vips_area_unref(VIPS_AREA(blob));
  return profile;
}

}  // namespace

const std::string& display_p3_profile() {
  static const std::string profile = load("p3");
  return profile;
}

}  // namespace tintype

#include "imaging/strip_reader.h"

#include <vips/vips.h>

#include <algorithm>

namespace tintype {

void StripReader::Unref::operator()(_VipsRegion* region) const { g_object_unref(region); }

StripReader::StripReader(VipsImage* picture)
    : picture_(picture), region_(vips_region_new(picture)) {}

unsigned StripReader::next(Rows& rows) {
  const int left = vips_image_get_height(picture_) - top_;
  if (left <= 0 || failed_) return 0;
  VipsRect strip{0, top_, vips_image_get_width(picture_), std::min(kMostRows, left)};
  failed_ = vips_region_prepare(region_.get(), &strip) != 0;
  if (failed_) return 0;
  for (int i = 0; i < strip.height; ++i)
    rows[static_cast<std::size_t>(i)] = VIPS_REGION_ADDR(region_.get(), 0, top_ + i);
  top_ += strip.height;
  return static_cast<unsigned>(strip.height);
}

}  // namespace tintype

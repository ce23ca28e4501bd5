// Ownership of libvips's images without its header, which takes a second to read.
#pragma once

#include <memory>

#include "base/error.h"

extern "C" {
struct _VipsImage;
typedef struct _VipsImage VipsImage;
}

namespace tintype {

struct VipsUnref {
  void operator()(VipsImage* image) const;
};
using VipsPtr = std::unique_ptr<VipsImage, VipsUnref>;

// What a failed call of libvips means for the file; forgets libvips's own words for it, which speak
// of its parts.
Error vips_failure();
// The same after the file has been decoded: it is whole, and what was asked for cannot be made.
Error rendering_failure();

}  // namespace tintype

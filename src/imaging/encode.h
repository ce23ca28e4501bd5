// A finished picture as a file.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/rendition_spec.h"
#include "imaging/pixel_source.h"
#include "imaging/vips_ptr.h"
#include "imaging/worker_protocol.h"

namespace tintype {

struct EncodeOptions {
  MediaType format = MediaType::jpeg;
  int quality = 80;  // 1-100; PNG and GIF have none
  QualityMode mode = QualityMode::balanced;
  std::string icc_profile;  // to go with the picture; empty for sRGB
  std::string copyright;    // the one word of metadata that stays
  Animation animation;      // for several frames
};

// Writes the picture to the empty file `output`. Several frames of one size become an animation
// (WebP or GIF). Errors: of failures.h; `internal` when the file cannot be written.
Result<RenderedFile> encode_pictures(std::vector<VipsPtr> frames, const EncodeOptions& options,
                                     int output);

}  // namespace tintype

// What happens to a picture after it has its size: small steps, each a file of its own, in the
// order of apply_steps. A step takes a picture and leaves the changed one in its place.
//
// Errors: of failures.h, `too_many_pixels` when libvips fails (it is out of memory).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "domain/rendition_geometry.h"
#include "domain/rendition_spec.h"
#include "imaging/turn.h"
#include "imaging/vips_ptr.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// Where a crop by content was made, so that all frames of an animation are cut alike.
using CropMemory = std::optional<PixelOffset>;

Result<void> turn_picture(VipsPtr& picture, Turn turn);
// Cuts to, or places on, the geometry's result.
Result<void> frame_picture(VipsPtr& picture, const RenditionSpec& spec,
                           const RenditionGeometry& geometry, CropMemory& crop);
// Brings the colours to what goes out, and says in `profile` which ICC profile must go with them
// (empty: none). `found` is the source's.
Result<void> color_picture(VipsPtr& picture, const std::string& found, ColorMode mode,
                           MediaType format, std::string& profile);
// The same colour, given in sRGB, as numbers of an RGB profile (empty: sRGB itself).
Color color_in_profile(const Color& color, const std::string& profile);
// Makes the picture, in sRGB or gray, one of luminance.
Result<void> gray_picture(VipsPtr& picture);
// What gray_picture makes of a colour.
Color gray_color(const Color& color);
Result<void> blur_picture(VipsPtr& picture, double sigma);
Result<void> sharpen_picture(VipsPtr& picture, double sigma);
// Puts the background, gray below a gray picture, below transparent parts, and makes the picture
// opaque where the format needs it.
Result<void> ground_picture(VipsPtr& picture, const RenditionSpec& spec);

// What steps in floating point leave, as 8 bits a sample.
Result<void> round_to_bytes(VipsPtr& picture);

bool has_alpha(const VipsPtr& picture);
bool format_has_alpha(MediaType format);

}  // namespace tintype

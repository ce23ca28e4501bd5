#include <vips/vips.h>

#include "imaging/picture_steps.h"
#include "imaging/vips_step.h"

namespace tintype {

Result<void> turn_picture(VipsPtr& picture, Turn turn) {
  if (turn.quarters != 0) {
    const auto angle = static_cast<VipsAngle>(VIPS_ANGLE_D0 + turn.quarters);
    TRY(replace_picture(picture, [&](VipsImage* in, VipsImage** out) {
      return vips_rot(in, out, angle, nullptr);
    }));
  }
  if (!turn.mirror) return {};
  return replace_picture(picture, [](VipsImage* in, VipsImage** out) {
    return vips_flip(in, out, VIPS_DIRECTION_HORIZONTAL, nullptr);
  });
}

}  // namespace tintype

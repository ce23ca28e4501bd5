#include "imaging/decode.h"

#include <vips/vips.h>

#include <cstdlib>
#include <cstring>

#include "imaging/failures.h"
#include "imaging/vips_ptr.h"

namespace tintype {
namespace {

// libvips would put larger pictures, of loaders that decode as a whole, into files, which a worker
// cannot open. What it may have in memory its address space bounds.
constexpr const char* kNeverOnDisk = "1000g";

void say_nothing(const char*, GLogLevelFlags, const char*, void*) {}

}  // namespace

void VipsUnref::operator()(VipsImage* image) const { g_object_unref(image); }

// libvips, libspng and libheif over libaom say it in words alone.
Error vips_failure() {
  const char* said = vips_error_buffer();
  bool no_memory = strcasestr(said, "out of memory") || strcasestr(said, "memory allocation error");
  vips_error_clear();
  return no_memory ? decoder_out_of_memory() : damaged_image();
}

// Encoders call a lack of memory by many names; nothing else makes them fail on good pixels.
Error rendering_failure() {
  vips_error_clear();
  return too_many_pixels("The rendition is too large to be made.");
}

Result<void> start_vips() {
  // Decoders warn about odd files; nobody would read it, and a hostile file could fill the log.
  g_log_set_default_handler(say_nothing, nullptr);
  setenv("VIPS_DISC_THRESHOLD", kNeverOnDisk, 1);
  if (vips_init("tintype") != 0) return internal_error("libvips does not start");
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  vips_leak_set(FALSE);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const char* loader :
       {"VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadNsgifBuffer", "VipsForeignLoadHeifBuffer"})
    vips_operation_block_set(loader, FALSE);
  return {};
}

}  // namespace tintype

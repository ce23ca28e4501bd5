#include "render.h"

#include <math.h>
#include <string.h>
#include <vips/vips.h>

int start(void) {
  if (VIPS_INIT("standin")) return -1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  return 0;
}

void release(void* out) { g_free(out); }

// How much the JPEG decoder shrinks: as far as it can.
static int decoder_shrink(double shrink) {
  return shrink >= 8 ? 8 : shrink >= 4 ? 4 : shrink >= 2 ? 2 : 1;
}

static int scaled(int side, double scale) {
  int result = (int) floor(side * scale + 0.5);
  return result < 1 ? 1 : result;
}

struct size {
  int width;
  int height;
};

// Loads the header for the size, then again with the decoder's shrink. `result` is the size asked
// for, by the sides of the whole picture.
static int load(void* file, size_t size, const struct settings* wanted, VipsImage** out,
                struct size* result) {
  VipsImage* whole;
  if (vips_jpegload_buffer(file, size, &whole, "access", VIPS_ACCESS_SEQUENTIAL, NULL)) return -1;
  double scale = VIPS_MIN((double) wanted->width / whole->Xsize,
                          (double) wanted->height / whole->Ysize);
  scale = VIPS_MIN(scale, 1.0);
  result->width = scaled(whole->Xsize, scale);
  result->height = scaled(whole->Ysize, scale);
  int factor = decoder_shrink(VIPS_MIN((double) whole->Xsize / result->width,
                                       (double) whole->Ysize / result->height));
  if (factor == 1) {
    *out = whole;
    return 0;
  }
  g_object_unref(whole);
  return vips_jpegload_buffer(file, size, out, "access", VIPS_ACCESS_SEQUENTIAL, "shrink", factor,
                              NULL);
}

// Colours to sRGB, only where the file brings a profile; then no profile.
static int to_srgb(VipsImage* in, VipsImage** out) {
  if (!vips_image_get_typeof(in, VIPS_META_ICC_NAME)) return vips_copy(in, out, NULL);
  return vips_icc_transform(in, out, "sRGB", "embedded", TRUE, NULL);
}

static int save(VipsImage* in, const struct settings* wanted, void** out, size_t* size) {
  const VipsForeignKeep keep = VIPS_FOREIGN_KEEP_NONE;
  if (!strcmp(wanted->format, "jpeg"))
    return vips_jpegsave_buffer(in, out, size, "Q", 80, "optimize_coding", TRUE, "interlace",
                                wanted->jpeg_progressive, "keep", keep, NULL);
  if (!strcmp(wanted->format, "webp"))
    return vips_webpsave_buffer(in, out, size, "Q", 75, "effort", 4, "keep", keep, NULL);
  if (!strcmp(wanted->format, "avif"))
    return vips_heifsave_buffer(in, out, size, "Q", 65, "compression",
                                VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort",
                                9 - wanted->avif_speed, "keep", keep, NULL);
  if (!strcmp(wanted->format, "png"))
    return vips_pngsave_buffer(in, out, size, "filter", VIPS_FOREIGN_PNG_FILTER_ALL, "keep", keep,
                               NULL);
  return -1;
}

static int steps(VipsObject* owner, void* file, size_t size, const struct settings* wanted,
                 void** out, size_t* out_size) {
  VipsImage** t = (VipsImage**) vips_object_local_array(owner, 5);
  struct size result;
  if (load(file, size, wanted, &t[0], &result) ||
      vips_colourspace(t[0], &t[1], VIPS_INTERPRETATION_sRGB, NULL))
    return -1;
  if (vips_resize(t[1], &t[2], (double) result.width / t[0]->Xsize, "vscale",
                  (double) result.height / t[0]->Ysize, NULL) ||
      vips_autorot(t[2], &t[3], NULL) || to_srgb(t[3], &t[4]))
    return -1;
  return save(t[4], wanted, out, out_size);
}

int render(void* file, size_t size, const struct settings* wanted, void** out, size_t* out_size) {
  VipsImage* owner = vips_image_new();
  int failed = steps(VIPS_OBJECT(owner), file, size, wanted, out, out_size);
  g_object_unref(owner);
  vips_error_clear();
  vips_thread_shutdown();
  return failed;
}

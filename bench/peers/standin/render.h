// One rendition as imgproxy makes it by default, in libvips' C interface. Any thread.
#pragma once

#include <stddef.h>

struct settings {
  const char* format;  // jpeg, webp, avif or png
  int width;
  int height;
  int jpeg_progressive;
  int avif_speed;  // 0-9
};

// Once per process: one thread per picture, no operation cache. Not 0: libvips does not start.
int start(void);

// The JPEG `file` of `size` bytes, fitted into the box. `*out` belongs to the caller (release).
// Not 0: failed; what libvips said is dropped.
int render(void* file, size_t size, const struct settings* wanted, void** out, size_t* out_size);

void release(void* out);

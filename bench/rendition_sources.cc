// Makes the pictures that the benchmarks of renditions start from.
//
//   rendition_sources paint WIDTH HEIGHT SEED OUT.jpg      something like a photograph
//   rendition_sources progressive IN.jpg OUT.jpg           the same pixels, nearly, progressive
//   rendition_sources reference WIDTH HEIGHT IN.jpg OUT.png
//
// The reference is what every rendition is scored against: the whole picture decoded, fitted into
// the box in linear light by a Lanczos kernel as wide as the scale asks for, in 32-bit floats.
#include <vips/vips.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

// libvips' way to free what belongs together: the images of `made` go with the canvas.
struct Canvas {
  VipsImage* owner = vips_image_new();
  VipsImage** made = reinterpret_cast<VipsImage**>(vips_object_local_array(VIPS_OBJECT(owner), 64));
  ~Canvas() { g_object_unref(owner); }
};

// Clouds of several sizes upon each other, with edges where a threshold cuts them.
int clouds(VipsImage** t, int width, int height, int seed, VipsImage** out) {
  int n = 0;
  VipsImage* sum = nullptr;
  for (int cell = 512; cell >= 8; cell /= 4, ++seed) {
    VipsImage* layer = nullptr;
    if (vips_perlin(&t[n], width, height, "cell_size", cell, "seed", seed, nullptr)) return -1;
    layer = t[n++];
    const double weight = 50.0 * std::sqrt(cell / 512.0);
    if (vips_linear1(layer, &t[n], weight, sum ? 0 : 90, nullptr)) return -1;
    layer = t[n++];
    if (sum && vips_add(sum, layer, &t[n], nullptr)) return -1;
    sum = sum ? t[n++] : layer;
  }
  if (vips_moreeq_const1(t[0], &t[n], 0.15, nullptr)) return -1;
  if (vips_linear1(t[n], &t[n + 1], 0.2, 0, nullptr)) return -1;
  return vips_add(sum, t[n + 1], out, nullptr);
}

int paint(char** argv) {
  const int width = std::atoi(argv[0]), height = std::atoi(argv[1]), seed = std::atoi(argv[2]);
  Canvas canvas;
  VipsImage** t = canvas.made;
  VipsImage* bands[3] = {};
  for (int band = 0; band < 3; ++band) {
    if (clouds(t + 16 * band, width, height, seed * 100 + band * 3, &t[48 + band])) return -1;
    bands[band] = t[48 + band];
  }
  return vips_bandjoin(bands, &t[51], 3, nullptr) ||
         vips_gaussnoise(&t[52], width, height, "sigma", 3.0, "seed", seed, nullptr) ||
         vips_add(t[51], t[52], &t[53], nullptr) ||
         vips_cast(t[53], &t[54], VIPS_FORMAT_UCHAR, nullptr) ||
         vips_copy(t[54], &t[55], "interpretation", VIPS_INTERPRETATION_sRGB, nullptr) ||
         vips_jpegsave(t[55], argv[3], "Q", 92, nullptr);
}

int progressive(char** argv) {
  Canvas canvas;
  VipsImage** t = canvas.made;
  return vips_jpegload(argv[0], &t[0], nullptr) ||
         vips_jpegsave(t[0], argv[1], "Q", 92, "interlace", TRUE, "optimize_coding", TRUE, nullptr);
}

int reference(char** argv) {
  Canvas canvas;
  VipsImage** t = canvas.made;
  if (vips_jpegload(argv[2], &t[0], nullptr) ||
      vips_colourspace(t[0], &t[1], VIPS_INTERPRETATION_scRGB, nullptr))
    return -1;
  const double scale =
      std::min({1.0, std::atof(argv[0]) / t[0]->Xsize, std::atof(argv[1]) / t[0]->Ysize});
  return vips_reduce(t[1], &t[2], t[0]->Xsize / std::round(t[0]->Xsize * scale),
                     t[0]->Ysize / std::round(t[0]->Ysize * scale), "kernel", VIPS_KERNEL_LANCZOS3,
                     "gap", 0.0, nullptr) ||
         vips_colourspace(t[2], &t[3], VIPS_INTERPRETATION_sRGB, nullptr) ||
         vips_pngsave(t[3], argv[3], "keep", VIPS_FOREIGN_KEEP_NONE, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (VIPS_INIT(argv[0])) return 1;
  int failed = 2;
  if (what == "paint" && argc == 6) failed = paint(argv + 2);
  if (what == "progressive" && argc == 4) failed = progressive(argv + 2);
  if (what == "reference" && argc == 6) failed = reference(argv + 2);
  if (failed == 2)
    return std::fprintf(stderr, "the first lines of bench/rendition_sources.cc tell the use\n"), 2;
  if (failed) std::fprintf(stderr, "libvips: %s\n", vips_error_buffer());
  return failed ? 1 : 0;
}

// libvips in a bare loop, through its C interface: what Tintype and others build upon.
//
//   bare_vips SPACE RESERVE WIDTH HEIGHT SUFFIX (loop THREADS SECONDS | write FOLDER) FILE...
//
// Fits JPEG files into the box, in SPACE, and encodes them as SUFFIX says, e.g. '.jpg[Q=80]'.
// SPACE: `linear` is linear light as libvips converts it, in floats; `linear16` the same by tables,
// in 16 bits, the fastest that libvips can do; `gamma` is the file's own. RESERVE: how many times
// larger than the result the pixels must stay when the JPEG decoder shrinks; 0 is never to let it.
// `loop` prints {"per_second", "bytes"}, `write` writes each once into FOLDER and prints {"cpu_ms",
// "encode_ms", "bytes"}, times being the best of three.
#include <time.h>
#include <vips/vips.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace {

enum class Space { gamma, linear, linear16 };

struct Wish {
  Space space = Space::gamma;
  int reserve = 0;
  int width = 0;
  int height = 0;
  const char* suffix = nullptr;
};

struct Source {
  std::string name;
  std::string bytes;
};

[[noreturn]] void give_up() {
  std::fprintf(stderr, "libvips: %s\n", vips_error_buffer());
  std::exit(1);
}

VipsImage* load(const Source& source, int shrink) {
  VipsImage* image = nullptr;
  if (vips_jpegload_buffer(const_cast<char*>(source.bytes.data()), source.bytes.size(), &image,
                           "access", VIPS_ACCESS_SEQUENTIAL, "shrink", shrink, nullptr))
    give_up();
  return image;
}

int decoder_shrink(const Wish& wish, double scale) {
  int factor = wish.reserve == 0 ? 1 : 8;
  // A hundredth less is enough: sides are rounded.
  while (factor > 1 && 1.01 / scale < factor * wish.reserve) factor /= 2;
  return factor;
}

// Exactly the rounded size, whatever the decoder's shrink has left.
VipsImage* resize(VipsImage* in, int width, int height) {
  VipsImage* out = nullptr;
  if (vips_resize(in, &out, static_cast<double>(width) / in->Xsize, "vscale",
                  static_cast<double>(height) / in->Ysize, nullptr))
    give_up();
  g_object_unref(in);
  return out;
}

// The tables to linear light in 16 bits and back (IEC 61966-2-1).
struct Tables {
  VipsImage* to_linear = nullptr;
  VipsImage* from_linear = nullptr;
};

Tables make_tables() {
  std::vector<unsigned short> to(256);
  std::vector<unsigned char> from(65536);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const double v = static_cast<double>(i) / 255;
    const double light = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    to[i] = static_cast<unsigned short>(light * 65535 + 0.5);
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double light = static_cast<double>(i) / 65535;
    const double v = light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
    from[i] = static_cast<unsigned char>(v * 255 + 0.5);
  }
  return {vips_image_new_from_memory_copy(to.data(), to.size() * 2, static_cast<int>(to.size()), 1,
                                          1, VIPS_FORMAT_USHORT),
          vips_image_new_from_memory_copy(from.data(), from.size(), static_cast<int>(from.size()),
                                          1, 1, VIPS_FORMAT_UCHAR)};
}

const Tables& tables() {
  static const Tables all = make_tables();
  return all;
}

VipsImage* look_up(VipsImage* in, VipsImage* table) {
  VipsImage* out = nullptr;
  if (vips_maplut(in, &out, table, nullptr)) give_up();
  g_object_unref(in);
  return out;
}

VipsImage* convert(VipsImage* in, VipsInterpretation space) {
  VipsImage* out = nullptr;
  if (vips_colourspace(in, &out, space, nullptr)) give_up();
  g_object_unref(in);
  return out;
}

VipsImage* fitted(const Source& source, const Wish& wish) {
  VipsImage* image = load(source, 1);
  const double scale = std::min({1.0, static_cast<double>(wish.width) / image->Xsize,
                                 static_cast<double>(wish.height) / image->Ysize});
  const int width = std::max(1, static_cast<int>(std::lround(image->Xsize * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(image->Ysize * scale)));
  if (int factor = decoder_shrink(wish, scale); factor > 1) {
    g_object_unref(image);
    image = load(source, factor);
  }
  if (wish.space == Space::linear) image = convert(image, VIPS_INTERPRETATION_scRGB);
  if (wish.space == Space::linear16) image = look_up(image, tables().to_linear);
  image = resize(image, width, height);
  if (wish.space == Space::linear) return convert(image, VIPS_INTERPRETATION_sRGB);
  return wish.space == Space::linear16 ? look_up(image, tables().from_linear) : image;
}

// Takes the image.
std::string encode(VipsImage* image, const char* suffix) {
  void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_write_to_buffer(image, suffix, &data, &size, "keep", VIPS_FOREIGN_KEEP_NONE,
                                 nullptr))
    give_up();
  g_object_unref(image);
  std::string encoded(static_cast<const char*>(data), size);
  g_free(data);
  return encoded;
}

double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

void loop(const std::vector<Source>& sources, const Wish& wish, int threads, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::size_t> next{0}, bytes{0};
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(seconds);
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&] {
      while (Clock::now() < end)
        bytes += encode(fitted(sources[next++ % sources.size()], wish), wish.suffix).size();
      vips_thread_shutdown();
    });
  for (auto& thread : all) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  const auto count = static_cast<double>(next);
  std::printf("{\"per_second\": %.2f, \"bytes\": %.0f}\n", count / elapsed.count(),
              static_cast<double>(bytes) / count);
}

struct Written {
  double ms = 1e9;  // of the processor, encoding included
  double encode_ms = 1e9;
  std::string bytes;
};

Written write_once(const Source& source, const Wish& wish) {
  Written best;
  for (int i = 0; i < 3; ++i) {
    const double start = cpu_ms();
    VipsImage* image = fitted(source, wish);
    VipsImage* pixels = vips_image_copy_memory(image);
    if (!pixels) give_up();
    g_object_unref(image);
    const double made = cpu_ms();
    best.bytes = encode(pixels, wish.suffix);
    best.ms = std::min(best.ms, cpu_ms() - start);
    best.encode_ms = std::min(best.encode_ms, cpu_ms() - made);
  }
  return best;
}

void write(const std::vector<Source>& sources, const Wish& wish, const std::string& folder) {
  const std::string suffix = wish.suffix;
  double ms = 0, encode_ms = 0, bytes = 0;
  for (const auto& source : sources) {
    Written written = write_once(source, wish);
    std::ofstream(folder + "/" + source.name + suffix.substr(0, suffix.find('[')), std::ios::binary)
        << written.bytes;
    ms += written.ms;
    encode_ms += written.encode_ms;
    bytes += static_cast<double>(written.bytes.size());
  }
  const auto count = static_cast<double>(sources.size());
  std::printf("{\"cpu_ms\": %.2f, \"encode_ms\": %.2f, \"bytes\": %.0f}\n", ms / count,
              encode_ms / count, bytes / count);
}

std::vector<Source> read_all(char** first, char** last) {
  std::vector<Source> sources;
  for (; first != last; ++first) {
    std::ifstream in(*first, std::ios::binary);
    sources.push_back(
        {std::filesystem::path(*first).filename(), {std::istreambuf_iterator<char>(in), {}}});
  }
  return sources;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 6 ? argv[6] : "";
  const int first = mode == "loop" ? 9 : 8;
  if (argc <= first || (mode != "loop" && mode != "write"))
    return std::fprintf(stderr, "the first lines of bench/bare_vips.cc say how it is called\n"), 2;
  if (VIPS_INIT(argv[0])) return 1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  const std::string space = argv[1];
  const Wish wish{space == "linear"     ? Space::linear
                  : space == "linear16" ? Space::linear16
                                        : Space::gamma,
                  std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), argv[5]};
  const auto sources = read_all(argv + first, argv + argc);
  if (mode == "loop") loop(sources, wish, std::atoi(argv[7]), std::atof(argv[8]));
  if (mode == "write") write(sources, wish, argv[7]);
}

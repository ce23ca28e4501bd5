#include "imaging/decode.h"

#include <vips/vips.h>

#include <algorithm>
#include <memory>

#include "imaging/failures.h"
#include "imaging/image_header.h"

namespace tintype {
namespace {

constexpr int kRowsAtOnce = 16;
constexpr std::size_t kMaxMetadataBytes = 4 * 1024 * 1024;

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using VipsImagePtr = std::unique_ptr<VipsImage, Unref>;
using VipsRegionPtr = std::unique_ptr<VipsRegion, Unref>;

void say_nothing(const char*, GLogLevelFlags, const char*, void*) {}

// The messages of libvips speak of its own parts, so they are not for the person who uploaded the
// file.
Error vips_failure() {
  bool no_memory = std::string_view(vips_error_buffer()).find("out of memory") != std::string::npos;
  vips_error_clear();
  return no_memory ? decoder_out_of_memory() : damaged_image();
}

// All frames of an animation come as one tall picture, page_height rows each.
int load(MediaType type, void* data, std::size_t size, VipsImage** out) {
  constexpr auto access = VIPS_ACCESS_SEQUENTIAL;
  constexpr auto fail_on = VIPS_FAIL_ON_ERROR;
  auto still = [&](auto loader) {
    return loader(data, size, out, "access", access, "fail_on", fail_on, nullptr);
  };
  auto animated = [&](auto loader) {
    return loader(data, size, out, "n", -1, "access", access, "fail_on", fail_on, nullptr);
  };
  switch (type) {
    case MediaType::jpeg: return still(vips_jpegload_buffer);
    case MediaType::png: return still(vips_pngload_buffer);
    case MediaType::avif: return still(vips_heifload_buffer);
    case MediaType::gif: return animated(vips_gifload_buffer);
    case MediaType::webp: return animated(vips_webpload_buffer);
    case MediaType::heic:
    case MediaType::heif: break;
  }
  return -1;
}

std::string blob(VipsImage* image, const char* name) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(image, name) != VIPS_TYPE_BLOB ||
      vips_image_get_blob(image, name, &data, &size) != 0 || size > kMaxMetadataBytes)
    return {};
  return {static_cast<const char*>(data), size};
}

DecodedFacts describe(VipsImage* image) {
  DecodedFacts facts;
  int page_height = vips_image_get_page_height(image);
  facts.width = static_cast<std::uint32_t>(vips_image_get_width(image));
  facts.height = static_cast<std::uint32_t>(page_height);
  facts.frames = static_cast<std::uint32_t>(vips_image_get_height(image) / page_height);
  facts.has_alpha = vips_image_hasalpha(image) != 0;
  facts.icc_profile = blob(image, VIPS_META_ICC_NAME);
  facts.exif = blob(image, VIPS_META_EXIF_NAME);
  return facts;
}

// Top to bottom in strips, as sequential loaders want it, in this thread.
Result<void> read_all_pixels(VipsImage* image) {
  VipsRegionPtr region(vips_region_new(image));
  int height = vips_image_get_height(image);
  for (int top = 0; top < height; top += kRowsAtOnce) {
    VipsRect strip{0, top, vips_image_get_width(image), std::min(kRowsAtOnce, height - top)};
    if (vips_region_prepare(region.get(), &strip) != 0) return vips_failure();
  }
  return {};
}

}  // namespace

Result<void> start_vips() {
  // Decoders warn about odd files; nobody would read it, and a hostile file could fill the log.
  g_log_set_default_handler(say_nothing, nullptr);
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

Result<DecodedFacts> decode_whole(MediaType type, std::string_view file, const Limits& limits) {
  vips_error_clear();  // warnings about the last file
  // libvips takes the bytes as not const and does not write to them.
  VipsImage* loaded = nullptr;
  if (load(type, const_cast<char*>(file.data()), file.size(), &loaded) != 0) return vips_failure();
  VipsImagePtr image(loaded);
  DecodedFacts facts = describe(image.get());
  TRY(check_limits({facts.width, facts.height, facts.frames}, limits));
  TRY(read_all_pixels(image.get()));
  return facts;
}

}  // namespace tintype

// What stands before the decoders: the type by its signature, the size by the header, the end.
#include <cstdlib>

#include "imaging/file_end.h"
#include "imaging/image_header.h"
#include "imaging/planned_size.h"

namespace {

using namespace tintype;

void check(const Result<ImageHeader>& header) {
  if (!header.ok() && header.error().code != "corrupt_image") std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  check(read_jpeg_header(file));
  check(read_png_header(file));
  check(read_gif_header(file, 1000));
  check(read_webp_header(file, 1000));
  for (auto type : {MediaType::jpeg, MediaType::png, MediaType::gif, MediaType::webp,
                    MediaType::avif, MediaType::heic})
    (void)ends_early(type, file);
  (void)planned_size(file, Limits{});
  (void)sniff_media_type(file);
  (void)sniff_unsupported(file);
  return 0;
}
